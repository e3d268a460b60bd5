import Glibc
import Platform

/// A reading of the calendar clock, which may be wrong: these devices boot without one.
package struct WallTime: Hashable, Sendable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds.
    package let seconds: Int64
    /// Whether the clock was set by a time server since boot.
    package let isSynchronised: Bool

    package init(seconds: Int64, isSynchronised: Bool) {
        self.seconds = seconds
        self.isSynchronised = isSynchronised
    }

    /// RFC 3339 in UTC, always 20 characters, so that later times are greater texts; years 0 to 9999.
    package var text: String {
        let bounded = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let (days, rest) = (Int(bounded.floorQuotient(86_400)), Int(bounded - bounded.floorQuotient(86_400) * 86_400))
        let (year, month, day) = civilDate(daysSince1970: days)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits
        }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        return "\(date)T\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))Z"
    }
}

/// Reads the calendar clock.
package protocol WallClock: Sendable {
    func now() -> WallTime
}

/// The kernel's `CLOCK_REALTIME`, and whether something keeps it synchronised (`adjtimex`).
package struct SystemWallClock: WallClock {
    package init() {}

    package func now() -> WallTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: Int64(time.tv_sec), isSynchronised: isClockSynchronised())
    }
}

/// Howard Hinnant's `civil_from_days`: proleptic Gregorian calendar.
private func civilDate(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = daysSince1970 + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

extension Int64 {
    fileprivate func floorQuotient(_ divisor: Int64) -> Int64 {
        self / divisor - (self % divisor < 0 ? 1 : 0)
    }
}
