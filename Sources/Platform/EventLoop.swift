import CLinux
import Glibc

/// One thread's wait for descriptors, timers and wake-ups (epoll, level-triggered).
///
/// Thread-bound: everything but `Waker.wake` and `Stopper` belongs to the thread that calls `run`.
/// Handlers run one after another and may add or remove watches, their own included. Urgent ones and timers never wait
/// for more than one patient one, and what clients can cause is patient.
package final class EventLoop {
    /// Names one watched descriptor.
    package struct Watch: Hashable {
        fileprivate let number: UInt64
        fileprivate let descriptor: CInt
        fileprivate let rank: Rank
    }

    /// Who is served first.
    package enum Rank: Hashable {
        case urgent
        /// One at a time, in turn, and all together for a small share of the thread's time only.
        case patient
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
        /// Reported without being asked for: the peer is gone or the descriptor failed.
        package static let hungUp = Interest(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
    }

    /// Tells the time of timers; the processor's time is not its matter.
    package let now: () -> Timestamp
    private let urgentPoll: OwnedDescriptor
    private let patientPoll: OwnedDescriptor
    private var handlers: [UInt64: (Interest) -> Void] = [:]
    private var timers: [(deadline: Timestamp, number: UInt64, body: () -> Void)] = []
    private var postponed: [() -> Void] = []
    private var allowance: Allowance
    private var nextNumber: UInt64 = 0
    private var isStopping = false

    /// Patient handlers together get at most `patientShare` of the thread's time.
    package init(patientShare: Double = 0.05, now: @escaping () -> Timestamp = Timestamp.now) throws(Errno) {
        self.now = now
        self.allowance = Allowance(share: patientShare, at: .now())
        self.urgentPoll = OwnedDescriptor(taking: try retrying { epoll_create1(CInt(EPOLL_CLOEXEC)) })
        self.patientPoll = OwnedDescriptor(taking: try retrying { epoll_create1(CInt(EPOLL_CLOEXEC)) })
    }

    /// Calls `handler` whenever `descriptor` is ready; it must stay open until `unwatch`.
    package func watch(
        _ descriptor: borrowing OwnedDescriptor, for interest: Interest, as rank: Rank = .urgent,
        _ handler: @escaping (Interest) -> Void
    ) throws(Errno) -> Watch {
        let watch = Watch(number: takeNumber(), descriptor: descriptor.withRaw { $0 }, rank: rank)
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

    /// Calls `body` once at `deadline`, or in the next turn when that has passed.
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

    /// Calls `body` once in a later turn, as a patient handler, behind those that were postponed before.
    package func postpone(_ body: @escaping () -> Void) { postponed.append(body) }

    /// Serves until `stop` is called.
    package func run() throws(Errno) {
        isStopping = false
        while !isStopping { try turn() }
    }

    /// Ends `run` after the current handler; for handlers on this thread.
    package func stop() { isStopping = true }

    /// Everything urgent, all timers that are due, then at most one patient event and one postponed body.
    private func turn() throws(Errno) {
        let isOpen = allowance.isOpen(at: .now())
        try waitForWork(patientToo: isOpen)
        try serve(urgentPoll, atMost: 32)
        runTimers()
        guard isOpen, !isStopping else { return }
        let start = Duration.spentByThread()
        try serve(patientPoll, atMost: 1)
        if !postponed.isEmpty, !isStopping { postponed.removeFirst()() }
        allowance.spend(Duration.spentByThread() - start)
    }

    private func waitForWork(patientToo: Bool) throws(Errno) {
        var wait = Int64.max
        if patientToo, !postponed.isEmpty { wait = 0 }
        if let first = timers.first { wait = min(wait, (first.deadline - now()).nanoseconds) }
        if !patientToo { wait = min(wait, (allowance.opening - .now()).nanoseconds) }
        // Rounded up, so that a wait never ends early and turns into a spin.
        let milliseconds = wait == .max ? -1 : CInt(min((max(wait, 0) + 999_999) / 1_000_000, 3_600_000))
        try urgentPoll.withRaw { urgent throws(Errno) in
            try patientPoll.withRaw { patient throws(Errno) in
                var entries = [pollfd(fd: urgent, events: Int16(POLLIN), revents: 0)]
                if patientToo { entries.append(pollfd(fd: patient, events: Int16(POLLIN), revents: 0)) }
                _ = try retrying { unsafe poll(&entries, nfds_t(entries.count), milliseconds) }
            }
        }
    }

    private func serve(_ poll: borrowing OwnedDescriptor, atMost limit: Int) throws(Errno) {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: limit)
        let count = try poll.withRaw { raw throws(Errno) in
            try retrying { unsafe epoll_wait(raw, &events, CInt(limit), 0) }
        }
        for index in 0..<Int(count) where !isStopping {
            let (number, ready) = unsafe (events[index].data.u64, events[index].events)
            handlers[number]?(Interest(rawValue: ready))
        }
    }

    /// Those that are due now; what they schedule in turn waits for the next turn.
    private func runTimers() {
        let (now, newest) = (now(), nextNumber)
        while !isStopping, let index = timers.firstIndex(where: { $0.deadline <= now && $0.number <= newest }) {
            timers.remove(at: index).body()
        }
    }

    private func takeNumber() -> UInt64 {
        nextNumber += 1
        return nextNumber
    }

    private func control(_ operation: CInt, _ watch: Watch, _ interest: Interest) throws(Errno) {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue
        unsafe event.data.u64 = watch.number
        func apply(_ poll: borrowing OwnedDescriptor) throws(Errno) {
            try poll.withRaw { raw throws(Errno) in
                _ = try retrying { unsafe epoll_ctl(raw, operation, watch.descriptor, &event) }
            }
        }
        switch watch.rank {
        case .urgent: try apply(urgentPoll)
        case .patient: try apply(patientPoll)
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
