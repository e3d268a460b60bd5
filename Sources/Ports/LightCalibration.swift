/// What a camera exposed its pictures by when its exposure was held, whatever share of it is held.
package struct HeldExposure: Codable, Hashable, Sendable {
    /// In the unit of `V4L2_CID_EXPOSURE_ABSOLUTE`, 100 µs.
    package let time: Int
    /// In a unit of the camera's own; `nil` for a camera without the control.
    package let gain: Int?

    package init(time: Int, gain: Int?) {
        self.time = time
        self.gain = gain
    }

    /// How much darker the room is than it was at `other`, as a factor; `nil` where the two cannot be compared.
    func darkness(against other: HeldExposure) -> Double? {
        guard gain == other.gain, time > 0, other.time > 0 else { return nil }
        return Double(time) / Double(other.time)
    }
}

/// What the illuminators did, when the device was commissioned, to the face of somebody who stood where customers stand.
package struct LightCalibration: Codable, Hashable, Sendable {
    /// How late the pictures show a change of the illuminators, beyond what the frames' times say.
    package let delayMilliseconds: Int
    /// Rise of the logarithm of the face's brightness under each illuminator; 0 for one that the device lacks.
    package let left: Double
    package let right: Double
    package let front: Double
    /// Of the face, as a share of the frame's width.
    package let faceWidth: Double
    /// `nil` for a camera that does not tell it.
    package let exposure: HeldExposure?

    package init(
        delayMilliseconds: Int, left: Double, right: Double, front: Double, faceWidth: Double, exposure: HeldExposure?
    ) {
        self.delayMilliseconds = delayMilliseconds
        self.left = left
        self.right = right
        self.front = front
        self.faceWidth = faceWidth
        self.exposure = exposure
    }

    /// Whether it can have been measured: what was kept may have been changed since.
    package var isPlausible: Bool {
        (0...1000).contains(delayMilliseconds) && [left, right, front].allSatisfy { (-1...10).contains($0) }
            && (0.01...1).contains(faceWidth)
    }

    /// The mean rise under left and right that a face of this width must show now; `nil` where that is not known.
    ///
    /// The illuminators' light falls with the square of the distance, and what the room's light adds to it is in
    /// inverse proportion to the exposure that the camera chose for it.
    package func expectedRise(faceWidth now: Double, exposure held: HeldExposure?) -> Double? {
        guard let exposure, let darkness = held?.darkness(against: exposure), faceWidth > 0 else { return nil }
        let nearness = now / faceWidth
        return (left + right) / 2 * nearness * nearness * darkness
    }
}
