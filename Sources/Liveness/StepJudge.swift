package import Biometrics
package import Platform
package import Ports

/// Judges the response to one instruction; left and right are the subject's own.
package struct StepJudge: Hashable, Sendable {
    /// No human reacts faster to a visual prompt, for which 180 to 200 ms are usual (Woodworth and Schlosberg, 1954); an
    /// earlier motion was not an answer.
    package static let leastReactionTime = Duration.milliseconds(150)
    /// Degrees of change from the neutral pose; a flat print reads at most 5° for a 25° tilt.
    package static let turnAngle = 15.0
    package static let lookUpAngle = 9.0
    /// Degrees from where the head rests to where its motion is seen to have begun.
    package static let onsetAngle = 4.0

    private let instruction: Instruction
    private let neutral: Neutral
    private let issuedAt: Timestamp
    /// The least angle since the instruction, in its direction and not beyond neutral.
    private var rest = Double.infinity
    /// When the head was last seen there.
    private var restedAt: Timestamp?
    /// The greatest angle of a motion that could have been an answer, if there was one.
    private var farthest = -Double.infinity
    private var hasFallenShort = false

    package init(_ instruction: Instruction, neutral: Neutral, issuedAt: Timestamp) {
        self.instruction = instruction
        self.neutral = neutral
        self.issuedAt = issuedAt
    }

    /// Tells whether the response is complete with this face; `blink` is one that ended with this frame.
    package mutating func accepts(_ face: FaceObservation, at time: Timestamp, blink: Blink?) -> Bool {
        let change = face.pose - neutral.pose
        if let (angle, limit) = movement(change) { return passes(angle, beyond: limit, at: time) }
        if instruction == .blink { return blink.map { $0.start >= issuedAt + Self.leastReactionTime } ?? false }
        return abs(change.yaw) < Self.turnAngle / 2 && abs(change.pitch) < Self.lookUpAngle
    }

    /// What the subject should change, so that the response can be seen.
    package func advice(for face: FaceObservation) -> Advice? {
        if needsNeutral(face) { return .lookStraight }
        return hasFallenShort ? .turnFurther : nil
    }

    private func needsNeutral(_ face: FaceObservation) -> Bool {
        let change = face.pose - neutral.pose
        if let (angle, limit) = movement(change) { return angle >= limit / 2 && !isAnswer(beyond: limit) }
        return instruction == .blink && max(abs(change.yaw), abs(change.pitch)) >= Self.turnAngle
    }

    /// How far the head has gone in the direction that was asked, and how far it must, in degrees.
    private func movement(_ change: HeadPose) -> (angle: Double, limit: Double)? {
        switch instruction {
        case .turnLeft: (change.yaw, Self.turnAngle)
        case .turnRight: (-change.yaw, Self.turnAngle)
        case .lookUp: (-change.pitch, Self.lookUpAngle)
        case .blink, .lookStraight: nil
        }
    }

    private mutating func passes(_ angle: Double, beyond limit: Double, at time: Timestamp) -> Bool {
        rest = min(rest, max(angle, 0))
        if angle < rest + Self.onsetAngle { restedAt = time }
        if isAnswer(beyond: limit), angle >= limit / 2 { farthest = max(farthest, angle) }
        if angle < farthest - Self.onsetAngle { hasFallenShort = true }
        return angle >= limit && isAnswer(beyond: limit)
    }

    /// Whether the motion that is seen began on the near side of the half angle, and not before a human could react.
    private func isAnswer(beyond limit: Double) -> Bool {
        guard let restedAt else { return false }
        return rest < limit / 2 && restedAt >= issuedAt + Self.leastReactionTime
    }
}
