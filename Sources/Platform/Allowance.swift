/// Processor time that may be spent: a share of the time that passes, saved up to a limit.
package struct Allowance {
    /// Enough for a whole portrait on a slow processor.
    package static let most = Duration.milliseconds(20)

    private let share: Double
    private var saved = Allowance.most
    private var asOf: Timestamp

    package init(share: Double, at now: Timestamp) {
        precondition(share > 0, "a share of nothing would stop all patient work")
        self.share = share
        self.asOf = now
    }

    /// Whether anything is left; what is begun then may end in a debt.
    package mutating func isOpen(at now: Timestamp) -> Bool {
        saved = min(saved + (now - asOf) * share, Self.most)
        asOf = max(asOf, now)
        return saved > .zero
    }

    package mutating func spend(_ time: Duration) { saved -= time }

    /// When the debt will be paid.
    package var opening: Timestamp {
        let debt = max(.zero - saved, .zero)
        return asOf + (debt / share + Duration.nanoseconds(1))
    }
}
