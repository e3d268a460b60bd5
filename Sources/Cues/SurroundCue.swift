package import Biometrics

/// How what lies around a face moved from one frame to another, in which the face moved.
package struct SurroundPair: Hashable, Sendable {
    /// Mean way that the surround would have gone with the face, in pixels of a frame 320 wide.
    package let motion: Double
    /// Mean way between that and where it went, likewise; no place counts more than 1.5 times its motion.
    package let miss: Double
    /// Share of the places that went with the face, 0...1.
    package let following: Double
    /// Whether the sides of the frame stood still.
    package let isCameraStill: Bool

    package init(motion: Double, miss: Double, following: Double, isCameraStill: Bool) {
        self.motion = motion
        self.miss = miss
        self.following = following
        self.isCameraStill = isCameraStill
    }
}

/// Whether what lies around the face, beyond hair and shoulders, moves with it, as the body of a telephone in a hand
/// does.
///
/// A moving background and a moving camera look alike from the face, so that only frames count whose sides stand still.
/// That a background moves as one with a picture held before it is how Anjos and Marcel (IJCB 2011) found prints. It
/// only denies: a device that stands, or ends at the face's own outline, moves nothing.
package struct SurroundCue: Hashable, Sendable {
    private var pairCount = 0
    private var motion = 0.0
    private var miss = 0.0
    private var following = 0.0

    package init() {}

    package mutating func observe(_ pair: SurroundPair) {
        guard pair.isCameraStill else { return }
        pairCount += 1
        motion += pair.motion
        miss += pair.miss
        following += pair.following
    }

    /// What the surround missed of the face's motion, for reports: 1 stood still, 0 went along; `nil` before the first.
    package var missShare: Double? { motion > 0 ? miss / motion : nil }

    /// Mean share of places that went along, for reports; `nil` before the first.
    package var followingShare: Double? { pairCount > 0 ? following / Double(pairCount) : nil }

    package var result: Cue {
        guard let missShare, let followingShare, pairCount >= Thresholds.Surround.leastPairs else { return .notChecked }
        let follows = missShare < Thresholds.Surround.miss && followingShare >= Thresholds.Surround.following
        return follows ? .attack : .undetermined
    }
}
