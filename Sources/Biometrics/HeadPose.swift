/// Where a head points, in degrees, seen from the camera.
///
/// Image axes: x right, y down, z away. Yaw is positive when the nose moves to the picture's right,
/// which is the subject's own left; pitch when the nose moves down; roll when the head tilts clockwise.
package struct HeadPose: BitwiseCopyable, Hashable, Sendable {
    package var yaw: Double
    package var pitch: Double
    package var roll: Double

    package init(yaw: Double, pitch: Double, roll: Double) {
        self.yaw = yaw
        self.pitch = pitch
        self.roll = roll
    }

    package static let frontal = HeadPose(yaw: 0, pitch: 0, roll: 0)

    package static func - (lhs: Self, rhs: Self) -> HeadPose {
        HeadPose(yaw: lhs.yaw - rhs.yaw, pitch: lhs.pitch - rhs.pitch, roll: lhs.roll - rhs.roll)
    }
}

/// How far the eyes are open: mean lid gap over eye width (the eye aspect ratio of Soukupová and Čech, 2016).
///
/// Left and right are the subject's own. Open eyes read 0.21...0.36; there is no absolute threshold, so
/// compare with the person's own open median. `nil` for an eye that was not measured in this frame.
package struct EyeOpening: Hashable, Sendable {
    package var left: Double?
    package var right: Double?

    package init(left: Double?, right: Double?) {
        self.left = left
        self.right = right
    }
}

/// An axis-aligned rectangle in pixels of the frame; it may reach beyond the picture.
package struct Box: Hashable, Sendable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    package var centreX: Double { x + width / 2 }
    package var centreY: Double { y + height / 2 }
}

/// Which eyes are measured in a frame; an eye costs as much time as the whole face mesh.
package enum EyeSchedule: String, Hashable, Sendable, CaseIterable {
    case none
    /// One eye a frame, in turn.
    case alternating
    case both
}
