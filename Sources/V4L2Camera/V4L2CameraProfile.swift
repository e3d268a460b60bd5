package import Frames
package import Ports

/// Which camera is meant and how it is driven; a board profile fills it in.
package struct V4L2CameraProfile: Hashable, Sendable {
    /// A path that stays the same across restarts, such as one below `/dev/v4l/by-path`.
    package var path: String
    /// The pinned camera; `nil` accepts whatever answers at `path`.
    package var expected: CameraIdentity?
    /// In order of preference.
    package var pixelFormats: [PixelFormat]
    /// Pixels.
    package let width: Int
    package let height: Int
    /// What the driver is asked for; it may choose another.
    package var frameInterval: Duration
    /// Set in this order before streaming, since one control may unlock another.
    package var controls: [CameraControl]
    /// Lets libv4l turn other formats into NV12 when the camera has none of `pixelFormats`.
    package var allowsConversion: Bool

    /// `width` and `height` lie in 1...16384, as the board profile's reader has checked.
    package init(
        path: String, expected: CameraIdentity?, pixelFormats: [PixelFormat], width: Int, height: Int,
        frameInterval: Duration, controls: [CameraControl] = [], allowsConversion: Bool = false
    ) {
        precondition((1...16_384).contains(width) && (1...16_384).contains(height), "no camera has \(width)×\(height)")
        self.path = path
        self.expected = expected
        self.pixelFormats = pixelFormats
        self.width = width
        self.height = height
        self.frameInterval = frameInterval
        self.controls = controls
        self.allowsConversion = allowsConversion
    }

    /// The largest frame that the profile lets through.
    ///
    /// One byte per pixel holds every Motion JPEG frame: at 30 frames a second USB 2 carries less.
    package var maximumFrameByteCount: Int {
        let formats = allowsConversion ? pixelFormats + [.nv12] : pixelFormats
        return formats.map { packedFormat($0).byteCount ?? width * height }.max() ?? 1
    }

    /// A frame without padding between its rows.
    func packedFormat(_ pixelFormat: PixelFormat) -> FrameFormat {
        let stride =
            switch pixelFormat {
            case .motionJPEG: 0
            case .grey: width
            case .yuyv: (width + 1) / 2 * 4
            case .nv12: (width + 1) / 2 * 2
            }
        return FrameFormat(pixelFormat, width: width, height: height, stride: stride)
    }
}

/// A driver control and its value, by the numbers of `linux/v4l2-controls.h`.
package struct CameraControl: Hashable, Sendable {
    package var identifier: UInt32
    package var value: Int32

    package init(identifier: UInt32, value: Int32) {
        self.identifier = identifier
        self.value = value
    }
}
