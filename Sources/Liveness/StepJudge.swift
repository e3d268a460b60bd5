package import Biometrics
package import Platform
package import Ports

/// Judges the response to one instruction; left and right are the subject's own.
package struct StepJudge: Hashable, Sendable {
    /// No human reacts faster to a visual prompt; an earlier motion was not an answer.
    package static let leastReactionTime = Duration.milliseconds(150)
    /// Degrees of change from the neutral pose; a flat print reads at most 5° for a 25° tilt.
    package static let turnAngle = 15.0
    package static let lookUpAngle = 9.0

    private let instruction: Instruction
    private let neutral: Neutral
    private let issuedAt: Timestamp
    /// Whether the head has been seen on the near side of the half angle since the instruction.
    private var hasBeenNear = false

    package init(_ instruction: Instruction, neutral: Neutral, issuedAt: Timestamp) {
        self.instruction = instruction
        self.neutral = neutral
        self.issuedAt = issuedAt
    }

    /// Tells whether the response is complete with this face; `blink` is one that ended with this frame.
    package mutating func accepts(_ face: FaceObservation, at time: Timestamp, blink: Blink?) -> Bool {
        let change = face.pose - neutral.pose
        switch instruction {
        case .turnLeft: return passes(change.yaw, beyond: Self.turnAngle, at: time)
        case .turnRight: return passes(-change.yaw, beyond: Self.turnAngle, at: time)
        case .lookUp: return passes(-change.pitch, beyond: Self.lookUpAngle, at: time)
        case .blink: return blink.map { $0.start >= issuedAt + Self.leastReactionTime } ?? false
        case .lookStraight: return abs(change.yaw) < Self.turnAngle / 2 && abs(change.pitch) < Self.lookUpAngle
        }
    }

    /// Tells whether the head must come back to neutral before the response can be seen.
    package func needsNeutral(_ face: FaceObservation) -> Bool {
        let change = face.pose - neutral.pose
        switch instruction {
        case .turnLeft: return !hasBeenNear && change.yaw >= Self.turnAngle / 2
        case .turnRight: return !hasBeenNear && -change.yaw >= Self.turnAngle / 2
        case .lookUp: return !hasBeenNear && -change.pitch >= Self.lookUpAngle / 2
        case .blink: return abs(change.yaw) >= Self.turnAngle || abs(change.pitch) >= Self.turnAngle
        case .lookStraight: return false
        }
    }

    private mutating func passes(_ angle: Double, beyond limit: Double, at time: Timestamp) -> Bool {
        if angle < limit / 2 { hasBeenNear = true }
        return hasBeenNear && angle >= limit && time >= issuedAt + Self.leastReactionTime
    }
}
