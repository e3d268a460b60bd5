import Glibc
package import Platform

/// Reads the clock that frames are stamped with, and waits on it.
package protocol TimeSource: Sendable {
    func now() -> Timestamp

    /// Returns at `deadline`, or at once when it has passed.
    func wait(until deadline: Timestamp)
}

/// The kernel's `CLOCK_MONOTONIC`.
package struct MonotonicClock: TimeSource {
    package init() {}

    package func now() -> Timestamp { .now() }

    package func wait(until deadline: Timestamp) {
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
