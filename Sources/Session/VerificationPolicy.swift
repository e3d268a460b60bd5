package import Biometrics
package import Liveness
package import Ports

/// What one verification asks of the customer and of the picture.
package struct VerificationPolicy: Hashable, Sendable {
    /// From the first frame to the last; then the verdict is `undetermined`.
    package var timeLimit = Duration.seconds(30)
    /// For each step of the challenge.
    package var stepLimit = Duration.seconds(6)
    /// Good neutral frames in each of the two samples.
    package var framesPerSample = 6
    /// How often the whole challenge may start again after the track broke.
    package var restarts = 1
    package var light = LightDemand.yes
    package var framing = FramingRequirements()

    package init() {}

    /// Draws a challenge for each attempt.
    package func drawChallenges(
        from set: ChallengeSet = .standard, using generator: inout some RandomNumberGenerator
    ) -> [Challenge] {
        (0...restarts).map { _ in Challenge.draw(from: set, using: &generator) }
    }

    /// Draws a pattern for each attempt, and a spare one, and asks for a face that is near enough to be lit, where there
    /// are illuminators and the policy wants light.
    package mutating func drawPatterns(
        from illuminators: Illuminators, using generator: inout some RandomNumberGenerator
    ) -> [LightPattern] {
        guard light != .no else { return [] }
        let patterns = (0...restarts + 1).compactMap { _ in LightPattern.draw(from: illuminators, using: &generator) }
        if !patterns.isEmpty { framing.leastInterEyeShare = 0.066 }
        return patterns
    }
}

/// What a frame must offer before its face is used, named as ISO/IEC 29794-5 names the measures.
package struct FramingRequirements: Hashable, Sendable {
    /// Pixels between the eye centres; a 80 px face has about 36.
    package var leastInterEyeDistance = 36.0
    /// The same as a share of the frame's width; 0 without a light challenge.
    ///
    /// Who stands farther away than some 74 cm before a lens of 65° is lit too weakly by the illuminators. A face that
    /// is darker than `litLuminance` must be nearer in proportion, up to `darkestNearness` times: of the little light
    /// that it sends back, the coding of the pictures loses more.
    package var leastInterEyeShare = 0.0
    package var litLuminance = 125.0
    package var darkestNearness = 1.35
    /// How much nearer a face must be by which the light was undecided: its shading is read by so much better.
    ///
    /// Of eight undecided presentations of the flattest simulated face, tuning seed 5810, five passed so.
    package var secondNearness = 1.25
    /// Share of the frame's height that the face may fill.
    package var largestHeadSize = 0.85
    /// How far the face's centre may be from the frame's, as a share of the frame.
    package var largestOffset = 0.3
    /// And to a side before anything is asked, 9° before a lens of 65°: from farther aside a turn goes beyond what the
    /// mesh follows, and the front illuminator shades the face.
    package var largestSideOffset = 0.12
    package var largestYaw = 12.0
    /// From how far off the middle on a face that is turned outwards is asked there, as a share of the frame's width: who
    /// looks past the lens from aside looks straight ahead.
    package var asideOffset = 0.1
    package var largestPitch = 22.0
    package var largestRoll = 15.0
    package var leastSharpness = 0.15
    package var luminanceMean = 45.0...215.0
    package var largestUnderExposedShare = 0.6
    package var largestOverExposedShare = 0.3
    /// The eye opening below which nobody's eyes are open.
    package var leastEyeOpening = 0.14

    package init() {}

    /// What holds before one more light pattern.
    var nearer: FramingRequirements {
        var requirements = self
        requirements.leastInterEyeShare *= secondNearness
        return requirements
    }

    /// What holds when the person was found to stand well.
    var afterLight: FramingRequirements {
        var requirements = self
        requirements.leastInterEyeShare = 0
        requirements.largestSideOffset = largestOffset
        return requirements
    }

    /// What the customer should change; empty when the frame will do.
    ///
    /// Allocates nothing.
    package func advice(for frame: FrameObservation) -> AdviceSet {
        var advice = AdviceSet()
        guard let face = frame.face else {
            advice.insert(.noFace)
            return advice
        }
        if frame.faceCount > 1 { advice.insert(.severalFaces) }
        judgePlace(of: face, in: frame, &advice)
        judgePose(of: face, in: frame, &advice)
        judgeLight(on: face, &advice)
        return advice
    }

    private func judgePlace(of face: FaceObservation, in frame: FrameObservation, _ advice: inout AdviceSet) {
        let (width, height) = (Double(frame.width), Double(frame.height))
        let darkness = min(max(litLuminance / max(face.quality.luminanceMean, 1), 1), darkestNearness)
        let least = max(leastInterEyeDistance, leastInterEyeShare * darkness * width)
        if face.quality.interEyeDistance < least { advice.insert(.moveCloser) }
        if face.box.height > largestHeadSize * height { advice.insert(.moveBack) }
        let isOffCentre =
            abs(face.box.centreX - width / 2) > largestSideOffset * width
            || abs(face.box.centreY - height / 2) > largestOffset * height
        if isOffCentre { advice.insert(.moveIntoCentre) }
    }

    private func judgePose(of face: FaceObservation, in frame: FrameObservation, _ advice: inout AdviceSet) {
        // The subject's left is the picture's right.
        let offset = face.box.centreX / Double(frame.width) - 0.5
        let isAside = abs(offset) > asideOffset && offset * face.pose.yaw > 0
        if abs(face.pose.yaw) > largestYaw { advice.insert(isAside ? .moveIntoCentre : .lookStraight) }
        if abs(face.pose.pitch) > largestPitch || abs(face.pose.roll) > largestRoll { advice.insert(.lookStraight) }
        let opening = min(face.eyeOpening.left ?? .infinity, face.eyeOpening.right ?? .infinity)
        if opening < leastEyeOpening { advice.insert(.openEyes) }
    }

    private func judgeLight(on face: FaceObservation, _ advice: inout AdviceSet) {
        let quality = face.quality
        if quality.luminanceMean < luminanceMean.lowerBound || quality.underExposedShare > largestUnderExposedShare {
            advice.insert(.tooDark)
        }
        if quality.luminanceMean > luminanceMean.upperBound || quality.overExposedShare > largestOverExposedShare {
            advice.insert(.tooBright)
        }
        if quality.sharpness < leastSharpness { advice.insert(.holdStill) }
    }
}
