package import Biometrics

/// How this person looks when doing nothing; everything that is asked is measured as a change from it.
///
/// Neutral pitch differs between persons by ±10°, open eyes read anything from 0.21 to 0.36.
package struct Neutral: Hashable, Sendable {
    package let pose: HeadPose
    /// The mean opening of both eyes; `nil` when they were not measured.
    package let eyeOpening: Double?

    /// The mean over the faces of a neutral sample; `nil` without any, or when the head was on its way.
    package init?(averaging faces: [FaceObservation]) {
        guard let first = faces.first, faces.allSatisfy({ Self.isStill($0, since: first) }) else { return nil }
        let count = Double(faces.count)
        self.pose = HeadPose(
            yaw: faces.reduce(0) { $0 + $1.pose.yaw } / count,
            pitch: faces.reduce(0) { $0 + $1.pose.pitch } / count,
            roll: faces.reduce(0) { $0 + $1.pose.roll } / count)
        let openings = faces.flatMap { [$0.eyeOpening.left, $0.eyeOpening.right] }.compactMap(\.self)
        self.eyeOpening = openings.isEmpty ? nil : openings.reduce(0, +) / Double(openings.count)
    }

    private static func isStill(_ face: FaceObservation, since first: FaceObservation) -> Bool {
        let change = face.pose - first.pose
        let shift = max(abs(face.box.centreX - first.box.centreX), abs(face.box.centreY - first.box.centreY))
        return abs(change.yaw) < 4 && abs(change.pitch) < 5 && shift < 0.1 * first.box.width
    }

    /// Whether `face` looks as it did: a template of a turned head or of closed eyes is another one.
    ///
    /// A blink moves a template by 0.2...0.3, a turn of 15° by as much. Allocates nothing.
    package func resembles(_ face: FaceObservation) -> Bool {
        let change = face.pose - pose
        guard abs(change.yaw) < 8, abs(change.pitch) < 8, abs(change.roll) < 10 else { return false }
        guard let eyeOpening else { return true }
        return min(face.eyeOpening.left ?? eyeOpening, face.eyeOpening.right ?? eyeOpening) > 0.7 * eyeOpening
    }
}
