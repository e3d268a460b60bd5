/// How much of the log is kept.
package struct LogLimits: Hashable, Sendable {
    /// Bytes of all segments together; the oldest goes when there is no more room.
    package var byteCount = 64 << 20
    /// A segment whose last record is older goes, when the clock can be believed, and it or a later record.
    package var retention = Duration.seconds(400 * 86_400)

    /// Removes nothing, whatever the operator has decided.
    package static let unlimited: LogLimits = {
        var limits = LogLimits()
        (limits.byteCount, limits.retention) = (.max, .seconds(Int64.max))
        return limits
    }()

    package init() {}
}
