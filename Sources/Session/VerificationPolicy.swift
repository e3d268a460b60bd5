package import Biometrics
package import Ports

/// What one verification asks of the customer and of the picture.
package struct VerificationPolicy: Hashable, Sendable {
    /// From the first frame to the last; then the verdict is `undetermined`.
    package var timeLimit = Duration.seconds(30)
    /// For each step of the challenge.
    package var stepLimit = Duration.seconds(6)
    /// Good neutral frames in each of the two samples.
    package var framesPerSample = 4
    /// How often the whole challenge may start again after the track broke.
    package var restarts = 1
    package var framing = FramingRequirements()

    package init() {}
}

/// What a frame must offer before its face is used, named as ISO/IEC 29794-5 names the measures.
package struct FramingRequirements: Hashable, Sendable {
    /// Pixels between the eye centres; a 80 px face has about 36.
    package var leastInterEyeDistance = 36.0
    /// Share of the frame's height that the face may fill.
    package var largestHeadSize = 0.85
    /// How far the face's centre may be from the frame's, as a share of the frame.
    package var largestOffset = 0.3
    package var largestYaw = 12.0
    package var largestPitch = 22.0
    package var largestRoll = 15.0
    package var leastSharpness = 0.0
    package var luminanceMean = 45.0...215.0
    package var largestUnderExposedShare = 0.6
    package var largestOverExposedShare = 0.3
    /// The eye opening below which nobody's eyes are open.
    package var leastEyeOpening = 0.14

    package init() {}

    /// What the customer should change, the most important first; empty when the frame will do.
    package func advice(for frame: FrameObservation) -> [Advice] {
        guard let face = frame.face else { return [.noFace] }
        if frame.faceCount > 1 { return [.severalFaces] }
        var advice: [Advice] = []
        let (width, height) = (Double(frame.width), Double(frame.height))
        if face.quality.interEyeDistance < leastInterEyeDistance {
            advice.append(.moveCloser)
        } else if face.box.height > largestHeadSize * height {
            advice.append(.moveBack)
        }
        if abs(face.box.centreX - width / 2) > largestOffset * width
            || abs(face.box.centreY - height / 2) > largestOffset * height
        {
            advice.append(.moveIntoCentre)
        }
        if abs(face.pose.yaw) > largestYaw || abs(face.pose.pitch) > largestPitch || abs(face.pose.roll) > largestRoll {
            advice.append(.lookStraight)
        }
        if face.quality.luminanceMean < luminanceMean.lowerBound
            || face.quality.underExposedShare > largestUnderExposedShare
        {
            advice.append(.tooDark)
        } else if face.quality.luminanceMean > luminanceMean.upperBound
            || face.quality.overExposedShare > largestOverExposedShare
        {
            advice.append(.tooBright)
        }
        if face.quality.sharpness < leastSharpness { advice.append(.holdStill) }
        let openings = [face.eyeOpening.left, face.eyeOpening.right].compactMap(\.self)
        if let smallest = openings.min(), smallest < leastEyeOpening { advice.append(.openEyes) }
        return advice
    }
}
