import Interface
import Platform
import Varlink

/// Work for a technician on a thread of its own, of which every item found is a reply; the last reply is of none.
///
/// Thread-bound to the loop.
final class ThreadedWork<Item: Sendable>: TechnicianWork {
    private enum Message {
        case found(Item)
        case ended(WireError?)
    }

    private static var mailboxCapacity: Int { 32 }

    private let call: Call
    private let loop: EventLoop
    private let encode: (Item?) -> [UInt8]
    private let onEnd: () -> Void
    private let mailbox: Mailbox<Message>
    private let stopFlag = StopFlag()
    private var delivery: EventLoop.Watch?
    private var thread: WorkerThread?
    private var isStopped = false

    init(
        _ call: Call, loop: EventLoop, encode: @escaping (Item?) -> some Encodable, onEnd: @escaping () -> Void
    ) throws(Errno) {
        self.call = call
        self.loop = loop
        self.encode = { WireCoding.encode(encode($0)) }
        self.onEnd = onEnd
        self.mailbox = try Mailbox(capacity: Self.mailboxCapacity)
    }

    /// Tells `items`, then what `body` finds until it returns, or until the flag is raised and it must return.
    func begin(
        _ items: [Item] = [], _ body: @escaping @Sendable (StopFlag, (Item) -> Void) -> WireError?
    ) throws(Errno) {
        delivery = try mailbox.deliver(on: loop) { [unowned self] in take($0) }
        call.onHangUp = { [stopFlag] in stopFlag.raise() }
        for item in items { call.replyContinuing(encode(item)) }
        let (mailbox, stopFlag) = (mailbox, stopFlag)
        thread = try WorkerThread(name: "technician") {
            // What a slow loop has no place for is left out; the end is not.
            let ending = body(stopFlag) { mailbox.post(.found($0), leaving: 1) }
            mailbox.post(.ended(ending))
        }
    }

    func stop() {
        isStopped = true
        stopFlag.raise()
    }

    private func take(_ message: Message) {
        switch message {
        case .found(let item): call.replyContinuing(encode(item))
        case .ended(let error):
            if let delivery { loop.unwatch(delivery) }
            if let error = isStopped ? .maintenanceEnded : error { call.fail(error) } else { call.reply(encode(nil)) }
            // Dropping it joins its thread: not from within its own delivery.
            loop.schedule(at: loop.now()) { [self] in onEnd() }
        }
    }
}

extension Workshop {
    /// Lends camera and lights to work for a technician, where nothing stands against it.
    func work<Item: Sendable>(
        _ call: Call, first: () -> [Item] = { [] }, encode: @escaping (Item?) -> some Encodable,
        _ body: @escaping @Sendable (StopFlag, (Item) -> Void) -> WireError?
    ) {
        guard call.wantsMore else { return call.failExpectedMore() }
        if let obstacle = obstacle() { return call.fail(obstacle) }
        let items = first()
        do throws(Errno) {
            let work = try ThreadedWork(call, loop: loop, encode: encode) { [unowned self] in workEnded() }
            desk.lend()
            maintenance.begin(work)
            try work.begin(items, body)
        } catch {
            workEnded()
            call.fail(.notPossible(problem: "No thread can be started: \(error).", remedy: "Restart the device."))
        }
    }
}
