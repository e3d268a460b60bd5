import CLinux
import Glibc

/// One thread's wait for descriptors, timers and wake-ups (epoll, level-triggered).
///
/// Thread-bound: everything but `Waker.wake` and `Stopper` belongs to the thread that calls `run`.
/// Handlers run one after another and may add or remove watches, their own included.
package final class EventLoop {
    /// Names one watched descriptor.
    package struct Watch: Hashable {
        fileprivate let number: UInt64
        fileprivate let descriptor: CInt
    }

    /// Names one pending timer.
    package struct Timer: Hashable {
        fileprivate let number: UInt64
    }

    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let readable = Interest(rawValue: EPOLLIN.rawValue)
        package static let writable = Interest(rawValue: EPOLLOUT.rawValue)
        /// The peer will send no more.
        package static let peerClosed = Interest(rawValue: EPOLLRDHUP.rawValue)
        /// Reported without being asked for: the peer is gone or the descriptor failed.
        package static let hungUp = Interest(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
    }

    private let poll: OwnedDescriptor
    private var handlers: [UInt64: (Interest) -> Void] = [:]
    private var timers: [(deadline: Timestamp, number: UInt64, body: () -> Void)] = []
    private var nextNumber: UInt64 = 0
    private var isStopping = false

    package init() throws(Errno) {
        self.poll = OwnedDescriptor(taking: try retrying { epoll_create1(CInt(EPOLL_CLOEXEC)) })
    }

    /// Calls `handler` whenever `descriptor` is ready; it must stay open until `unwatch`.
    package func watch(
        _ descriptor: borrowing OwnedDescriptor, for interest: Interest, _ handler: @escaping (Interest) -> Void
    ) throws(Errno) -> Watch {
        let watch = Watch(number: takeNumber(), descriptor: descriptor.withRaw { $0 })
        try control(EPOLL_CTL_ADD, watch, interest)
        handlers[watch.number] = handler
        return watch
    }

    package func change(_ watch: Watch, to interest: Interest) throws(Errno) {
        try control(EPOLL_CTL_MOD, watch, interest)
    }

    /// Stops watching; does nothing a second time.
    package func unwatch(_ watch: Watch) {
        guard handlers.removeValue(forKey: watch.number) != nil else { return }
        // The kernel refuses only a number that is already gone, which is what is wanted.
        try? control(EPOLL_CTL_DEL, watch, [])
    }

    /// Calls `body` once at `deadline`, or at once when that has passed.
    @discardableResult
    package func schedule(at deadline: Timestamp, _ body: @escaping () -> Void) -> Timer {
        let number = takeNumber()
        let place = timers.firstIndex { $0.deadline > deadline } ?? timers.endIndex
        timers.insert((deadline, number, body), at: place)
        return Timer(number: number)
    }

    package func cancel(_ timer: Timer) {
        timers.removeAll { $0.number == timer.number }
    }

    /// Serves until `stop` is called.
    package func run() throws(Errno) {
        isStopping = false
        while !isStopping { try turn() }
    }

    /// Ends `run` after the current handler; for handlers on this thread.
    package func stop() { isStopping = true }

    private func turn() throws(Errno) {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 32)
        let wait = millisecondsToNextTimer()
        let count = try poll.withRaw { raw throws(Errno) in
            try retrying { unsafe epoll_wait(raw, &events, 32, wait) }
        }
        for index in 0..<Int(count) {
            let (number, ready) = unsafe (events[index].data.u64, events[index].events)
            handlers[number]?(Interest(rawValue: ready))
            if isStopping { return }
        }
        while let first = timers.first, first.deadline <= Timestamp.now(), !isStopping {
            timers.removeFirst()
            first.body()
        }
    }

    private func millisecondsToNextTimer() -> CInt {
        guard let first = timers.first else { return -1 }
        let remaining = (first.deadline - Timestamp.now()).nanoseconds
        return CInt(min(max((remaining + 999_999) / 1_000_000, 0), 3_600_000))
    }

    private func takeNumber() -> UInt64 {
        nextNumber += 1
        return nextNumber
    }

    private func control(_ operation: CInt, _ watch: Watch, _ interest: Interest) throws(Errno) {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue
        unsafe event.data.u64 = watch.number
        try poll.withRaw { raw throws(Errno) in
            _ = try retrying { unsafe epoll_ctl(raw, operation, watch.descriptor, &event) }
        }
    }
}

/// Wakes an event loop from another thread without allocating; wakes that come together are one.
package final class Waker: Sendable {
    private let counter: OwnedDescriptor

    package init() throws(Errno) {
        self.counter = OwnedDescriptor(
            taking: try retrying { eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)) })
    }

    /// May be called from any thread and from a signal handler.
    package func wake() {
        counter.withRaw { raw in _ = eventfd_write(raw, 1) }
    }

    /// Runs `handler` on the loop's thread after each wake.
    package func attach(to loop: EventLoop, _ handler: @escaping () -> Void) throws(Errno) -> EventLoop.Watch {
        try loop.watch(counter, for: .readable) { [self] _ in
            var value: eventfd_t = 0
            counter.withRaw { raw in _ = unsafe eventfd_read(raw, &value) }
            handler()
        }
    }
}
