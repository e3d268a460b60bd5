package import Biometrics

/// How this person looks when doing nothing; everything that is asked is measured as a change from it.
///
/// Neutral pitch differs between persons by ±10°, open eyes read anything from 0.21 to 0.36.
package struct Neutral: Hashable, Sendable {
    package let pose: HeadPose

    /// The mean pose of the frames of a neutral sample; `nil` without any.
    package init?(averaging poses: [HeadPose]) {
        guard !poses.isEmpty else { return nil }
        let count = Double(poses.count)
        self.pose = HeadPose(
            yaw: poses.reduce(0) { $0 + $1.yaw } / count,
            pitch: poses.reduce(0) { $0 + $1.pitch } / count,
            roll: poses.reduce(0) { $0 + $1.roll } / count)
    }
}
