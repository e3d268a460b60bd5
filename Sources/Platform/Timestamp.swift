import CLinux
import Glibc

/// A point on `CLOCK_MONOTONIC`, the clock the kernel stamps frames with.
package struct Timestamp: BitwiseCopyable, Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Reads the kernel's clock; code that decides anything gets its time from the `TimeSource` port instead.
    package static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    package static func - (lhs: Self, rhs: Self) -> Duration { .nanoseconds(lhs.nanoseconds - rhs.nanoseconds) }

    package static func + (lhs: Self, rhs: Duration) -> Timestamp {
        Timestamp(nanoseconds: lhs.nanoseconds + rhs.nanoseconds)
    }

    package static func - (lhs: Self, rhs: Duration) -> Timestamp {
        Timestamp(nanoseconds: lhs.nanoseconds - rhs.nanoseconds)
    }
}

/// Whether a time server has set the calendar clock since boot.
///
/// The kernel knows (`adjtimex`), but a sandbox may forbid to ask it; systemd-timesyncd marks it with a file.
package func isClockSynchronised() -> Bool {
    var status: CInt = 0
    let answer = unsafe clx_clock_state(&status)
    let isMarked = unsafe access("/run/systemd/timesync/synchronized", F_OK) == 0
    return isClockSynchronised(answer: answer, status: status, isMarked: isMarked)
}

/// Judges what `adjtimex` returned, negative where it may not be asked, and its status bits.
package func isClockSynchronised(answer: CInt, status: CInt, isMarked: Bool) -> Bool {
    isMarked || answer >= 0 && answer != TIME_ERROR && status & STA_UNSYNC == 0
}

extension Duration {
    /// The whole nanoseconds; saturates beyond 292 years.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product &+ attoseconds / 1_000_000_000
    }

    package var milliseconds: Int64 { nanoseconds / 1_000_000 }

    package var seconds: Double { Double(nanoseconds) / 1e9 }

    /// The processor's time that the calling thread has had.
    static func spentByThread() -> Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
