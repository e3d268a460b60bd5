import Biometrics
import Frames
import Imaging
import Platform
import Testing

/// Test pictures, drawn in code.
enum Pictures {
    /// A smooth picture in which every place has a colour of its own: red grows to the right, blue downward.
    static func gradient(width: Int, height: Int) -> PlanarPicture {
        var picture = PlanarPicture(width: width, height: height)
        let (stride, rows) = (picture.stride, picture.rows)
        picture.withMutablePlanes { luma, blue, red in
            for y in 0..<rows {
                for x in 0..<stride { luma[y * stride + x] = UInt8(100 + x * 60 / stride + y * 30 / rows) }
            }
            for y in 0..<rows / 2 {
                for x in 0..<stride / 2 {
                    red[y * stride / 2 + x] = UInt8(98 + x * 60 / (stride / 2))
                    blue[y * stride / 2 + x] = UInt8(98 + y * 60 / (rows / 2))
                }
            }
        }
        return picture
    }

    static func jpeg(_ picture: borrowing PlanarPicture, quality: Int = 95) throws -> [UInt8] {
        var encoder = JPEGEncoder(maximumWidth: picture.width)
        var output = SecureBytes(count: picture.stride * picture.rows * 3, holding: .frames)
        let count = try output.withMutableBytes { bytes throws(ImagingFault) in
            try encoder.encode(picture, quality: quality, into: &bytes)
        }
        return output.withBytes { bytes in
            (0..<count).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    /// A frame of one colour in Y'CbCr video range.
    static func raw(_ format: FrameFormat, luma: UInt8, blue: UInt8, red: UInt8) -> [UInt8] {
        let count = format.byteCount ?? 0
        switch format.pixelFormat {
        case .grey, .motionJPEG: return Array(repeating: luma, count: count)
        case .yuyv: return (0..<count).map { [luma, blue, luma, red][$0 % 4] }
        case .nv12:
            let lumaCount = format.stride * format.height
            return (0..<count).map { $0 < lumaCount ? luma : ($0 - lumaCount) % 2 == 0 ? blue : red }
        }
    }
}

extension FramePicture {
    /// The RGB samples of a square crop as an array.
    borrowing func rgb(
        _ square: RotatedSquare, size: Int, mirrored: Bool = false, low: Float = 0, high: Float = 255
    ) -> [Float] {
        var samples = [Float](repeating: -1, count: size * size * 3)
        var span = samples.mutableSpan
        sample(square, size: size, mirrored: mirrored, low: low, high: high, into: &span)
        return samples
    }
}

let motionJPEG = FrameFormat(.motionJPEG, width: 0, height: 0, stride: 0)
