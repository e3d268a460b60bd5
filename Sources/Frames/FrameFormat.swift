/// Pixel layout, named by its V4L2 four-character code.
package enum PixelFormat: UInt32, Hashable, Sendable, CaseIterable {
    case grey = 0x5945_5247  // 'GREY'
    case yuyv = 0x5659_5559  // 'YUYV'
    case nv12 = 0x3231_564E  // 'NV12'
    case motionJPEG = 0x4750_4A4D  // 'MJPG'

    /// The four characters, as `v4l2-ctl` prints them.
    package var fourCC: String {
        String(decoding: (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (8 * $0)) }, as: UTF8.self)
    }
}

/// What the bytes of a frame mean.
package struct FrameFormat: Hashable, Sendable {
    package let pixelFormat: PixelFormat
    /// Pixels; 0 where only a compressed frame itself tells its size.
    package let width: Int
    package let height: Int
    /// Bytes from one row to the next, 0 for compressed formats; V4L2 calls it `bytesperline`.
    package let stride: Int

    package init(_ pixelFormat: PixelFormat, width: Int, height: Int, stride: Int) {
        self.pixelFormat = pixelFormat
        self.width = width
        self.height = height
        self.stride = stride
    }

    /// The least bytes that a whole frame has; `nil` for a compressed format or when stride and size contradict.
    package var byteCount: Int? {
        guard width > 0, height > 0, width <= 16_384, height <= 16_384, stride <= 1 << 20 else { return nil }
        switch pixelFormat {
        case .motionJPEG: return nil
        case .grey: return stride >= width ? stride * height : nil
        case .yuyv: return stride >= (width + 1) / 2 * 4 ? stride * height : nil
        case .nv12: return stride >= (width + 1) / 2 * 2 ? stride * (height + (height + 1) / 2) : nil
        }
    }
}
