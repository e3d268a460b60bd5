package import Platform
import Ports
import Synchronization

/// A clock that stands still until somebody waits on it: waiting takes no time, and so nothing is ever late.
package final class ManualTime: TimeSource {
    private let nanoseconds: Atomic<Int64>

    package init(start: Timestamp = Timestamp(nanoseconds: 1_000_000_000)) {
        self.nanoseconds = Atomic(start.nanoseconds)
    }

    package func now() -> Timestamp { Timestamp(nanoseconds: nanoseconds.load(ordering: .acquiring)) }

    /// Moves to `deadline`; never back.
    package func wait(until deadline: Timestamp) {
        nanoseconds.max(deadline.nanoseconds, ordering: .acquiringAndReleasing)
    }

    package func advance(by duration: Duration) { wait(until: now() + duration) }
}
