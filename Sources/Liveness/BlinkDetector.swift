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

    private var left = OpenMedian()
    private var right = OpenMedian()
    private var closedSince: Timestamp?
    private var lowestRatio = 1.0

    package init() {}

    /// Takes in one frame and returns the blink that ended with it.
    package mutating func observe(_ opening: EyeOpening, yaw: Double, at time: Timestamp) -> Blink? {
        guard abs(yaw) < Self.largestYaw else {
            closedSince = nil
            return nil
        }
        let ratios = [left.ratio(of: opening.left), right.ratio(of: opening.right)].compactMap(\.self)
        guard let ratio = ratios.min() else { return nil }
        guard let start = closedSince else {
            if ratio < Self.closedRatio { (closedSince, lowestRatio) = (time, ratio) }
            return nil
        }
        lowestRatio = min(lowestRatio, ratio)
        guard ratio > lowestRatio + Self.recoveredShare * (1 - lowestRatio), ratio >= Self.closedRatio else {
            return nil
        }
        closedSince = nil
        return time - start <= Self.longestBlink ? Blink(start: start, end: time) : nil
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
