package import Biometrics
package import Platform

/// One closing and opening of the eyes.
package struct Blink: Hashable, Sendable {
    package let start: Timestamp
    package let end: Timestamp

    package init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }
}

/// Finds blinks in a stream of eye openings, by their ratio to the person's own open median.
///
/// All rules are in time, so that 15 and 30 frames a second agree.
package struct BlinkDetector: Hashable, Sendable {
    /// Below this share of the open median an eye counts as closed.
    package static let closedRatio = 0.65
    /// It counts as open again when it has made up this share of what it closed.
    package static let recoveredShare = 0.6
    /// A spontaneous blink takes 100...400 ms (Schiffman 1990); slower ones are drowsiness or a look down.
    package static let longestBlink = Duration.milliseconds(500)
    /// Turned further than this, the eye that turns away cannot be read.
    package static let largestYaw = 30.0

    private var left = Eye()
    private var right = Eye()
    private var closedSince: Timestamp?

    package init() {}

    /// Takes in one frame and returns the blink that ended with it: every eye that had closed is open again.
    package mutating func observe(_ opening: EyeOpening, yaw: Double, at time: Timestamp) -> Blink? {
        guard abs(yaw) < Self.largestYaw else {
            left.forgetClosing()
            right.forgetClosing()
            closedSince = nil
            return nil
        }
        left.observe(opening.left, at: time)
        right.observe(opening.right, at: time)
        let isClosed = left.isClosed || right.isClosed
        guard let start = closedSince else {
            if isClosed { closedSince = time }
            return nil
        }
        if isClosed { return nil }
        closedSince = nil
        return time - start <= Self.longestBlink ? Blink(start: start, end: time) : nil
    }
}

/// One eye as it closes and opens; what the other does tells nothing of it.
private struct Eye: Hashable {
    private var median = OpenMedian()
    /// The least ratio since it closed, and when it was last read.
    private var lowest: Double?
    private var readAt: Timestamp?

    var isClosed: Bool { lowest != nil }

    mutating func forgetClosing() { lowest = nil }

    /// An eye that is no longer read does not stay closed for good.
    mutating func observe(_ opening: Double?, at time: Timestamp) {
        guard let ratio = median.ratio(of: opening) else {
            if let readAt, time - readAt > BlinkDetector.longestBlink { lowest = nil }
            return
        }
        readAt = time
        guard let least = lowest.map({ min($0, ratio) }) else {
            if ratio < BlinkDetector.closedRatio { lowest = ratio }
            return
        }
        let isOpen = ratio > least + BlinkDetector.recoveredShare * (1 - least) && ratio >= BlinkDetector.closedRatio
        lowest = isOpen ? nil : least
    }
}

/// The median of one eye's recent openings, which blinks are too short to move.
private struct OpenMedian: Hashable {
    private static let capacity = 61
    private var recent: [Double] = []

    /// Takes in `opening` and returns its ratio to the median; `nil` when the eye was not measured.
    mutating func ratio(of opening: Double?) -> Double? {
        guard let opening else { return nil }
        if recent.count == Self.capacity { recent.removeFirst() }
        recent.append(opening)
        let median = recent.sorted()[recent.count / 2]
        return median > 0 ? opening / median : nil
    }
}
