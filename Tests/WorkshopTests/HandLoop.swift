import Platform

/// A loop whose time stands still until it is moved.
final class HandLoop {
    private final class Hand { var time = Timestamp(nanoseconds: 0) }
    private let hand: Hand
    let loop: EventLoop

    init() throws {
        let hand = Hand()
        self.hand = hand
        self.loop = try EventLoop { hand.time }
    }

    /// Runs the timers that come due.
    func move(to milliseconds: Int64) throws {
        hand.time = Timestamp(nanoseconds: milliseconds * 1_000_000)
        loop.schedule(at: hand.time) { [loop] in loop.stop() }
        try loop.run()
    }
}
