import Biometrics
import Foundation
import Testing

@testable import Faces

@Suite struct PoseTests {
    /// Turns by roll first, then pitch, then yaw, written as plain matrices.
    private static func turned(_ point: SIMD3<Double>, by pose: HeadPose) -> SIMD3<Double> {
        let (yaw, pitch, roll) = (pose.yaw * .pi / 180, pose.pitch * .pi / 180, pose.roll * .pi / 180)
        var p = point
        p = SIMD3(p.x * cos(roll) - p.y * sin(roll), p.x * sin(roll) + p.y * cos(roll), p.z)
        p = SIMD3(p.x, p.y * cos(pitch) - p.z * sin(pitch), p.y * sin(pitch) + p.z * cos(pitch))
        return SIMD3(p.x * cos(yaw) - p.z * sin(yaw), p.y, p.x * sin(yaw) + p.z * cos(yaw))
    }

    @Test(
        arguments: [-60.0, -20, 0, 35], [-30.0, 0, 25]
    ) func `a turned head is read as it was turned`(yaw: Double, pitch: Double) {
        for roll in [-170.0, -40, 0, 15] {
            let pose = HeadPose(yaw: yaw, pitch: pitch, roll: roll)
            var covariance = CrossCovariance()
            var centre = SIMD3<Double>.zero
            let face = CanonicalFace.rigidPlaces
            for place in face { centre += place / Double(face.count) }
            for place in face { covariance.add(place - centre, 90 * Self.turned(place - centre, by: pose)) }
            let read = HeadPose(rotating: covariance.bestRotation())
            #expect(abs(read.yaw - yaw) < 1e-6 && abs(read.pitch - pitch) < 1e-6 && abs(read.roll - roll) < 1e-6)
        }
    }

    @Test func `a nose to the picture's right is a positive yaw, a nose down a positive pitch`() {
        #expect(Self.turned(SIMD3(0, 0, -1), by: HeadPose(yaw: 30, pitch: 0, roll: 0)).x > 0)
        #expect(Self.turned(SIMD3(0, 0, -1), by: HeadPose(yaw: 0, pitch: 30, roll: 0)).y > 0)
    }
}
