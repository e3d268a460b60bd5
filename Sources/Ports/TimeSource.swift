package import Platform

/// Reads the clock that frames are stamped with, and waits on it.
package protocol TimeSource: Sendable {
    func now() -> Timestamp

    /// Returns at `deadline`, or at once when it has passed.
    func wait(until deadline: Timestamp)
}
