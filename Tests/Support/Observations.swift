package import Biometrics
import Platform

extension FaceObservation {
    /// A sharp, well lit, frontal face with open eyes, 300 pixels wide in the middle of 1280×720.
    package static func good(
        track: Int = 1, yaw: Double = 0, pitch: Double = 0, eyes: Double? = 0.3, interEyeDistance: Double = 120
    ) -> FaceObservation {
        FaceObservation(
            track: track, box: Box(x: 490, y: 180, width: 300, height: 360),
            pose: HeadPose(yaw: yaw, pitch: pitch, roll: 0), eyeOpening: EyeOpening(left: eyes, right: eyes),
            presence: 1,
            quality: FaceQuality(
                interEyeDistance: interEyeDistance, sharpness: 100, luminanceMean: 128, underExposedShare: 0,
                overExposedShare: 0, illuminationAsymmetry: 0))
    }
}

extension FrameObservation {
    /// Frame number `number` of a camera with 30 frames a second.
    package static func frame(_ number: Int, _ face: FaceObservation?, faces: Int? = nil) -> FrameObservation {
        FrameObservation(
            timestamp: Timestamp(nanoseconds: Int64(number) * 33_333_333), sequence: UInt32(number), width: 1280,
            height: 720, faceCount: faces ?? (face == nil ? 0 : 1), face: face)
    }
}

/// A reproducible source of randomness (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
