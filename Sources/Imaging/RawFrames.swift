import Frames
import Platform

/// Converts a part of an uncompressed frame to R, G, B, 255, averaging blocks of `denominator`² pixels.
///
/// Y'CbCr is BT.601 in video range (Y' 16...235), which V4L2 defines as the default for cameras.
/// The caller has checked that `bytes` holds the whole frame.
func convertRawFrame(
    _ bytes: RawSpan, _ format: FrameFormat, _ wanted: PixelRectangle, denominator: Int, into pixels: inout SecureBytes
) -> LoadedPart {
    let left = wanted.x / denominator
    let top = wanted.y / denominator
    let right = (wanted.x + wanted.width + denominator - 1) / denominator
    let bottom = (wanted.y + wanted.height + denominator - 1) / denominator
    let part = LoadedPart(x: left, y: top, width: right - left, height: bottom - top, denominator: denominator)
    pixels.withMutableBytes { output in
        unsafe output.withUnsafeMutableBytes { output in
            unsafe bytes.withUnsafeBytes { input in
                let converter = unsafe RawConverter(input: input, format: format, denominator: denominator)
                unsafe converter.convert(part, into: output)
            }
        }
    }
    return part
}

/// Reads pixels of a frame whose size was checked against its bytes.
@safe private struct RawConverter {
    let input: UnsafeRawBufferPointer
    let format: FrameFormat
    let denominator: Int

    func convert(_ part: LoadedPart, into output: UnsafeMutableRawBufferPointer) {
        var place = 0
        for row in part.y..<part.y + part.height {
            for column in part.x..<part.x + part.width {
                let rgb = average(row, column)
                unsafe output.storeBytes(of: rgb, toByteOffset: place, as: UInt32.self)
                place += 4
            }
        }
    }

    /// The mean of one block in Y'CbCr, converted once.
    @inline(__always)
    private func average(_ row: Int, _ column: Int) -> UInt32 {
        let rows = row * denominator..<min((row + 1) * denominator, format.height)
        let columns = column * denominator..<min((column + 1) * denominator, format.width)
        var (luma, blue, red): (Int32, Int32, Int32) = (0, 0, 0)
        for y in rows {
            for x in columns {
                let pixel = self.pixel(x, y)
                luma += pixel.luma
                blue += pixel.blue
                red += pixel.red
            }
        }
        let count = Int32(rows.count * columns.count)
        if format.pixelFormat == .grey {
            let grey = UInt32(truncatingIfNeeded: luma / count)
            return grey | grey << 8 | grey << 16 | 0xFF00_0000
        }
        return Self.rgb(luma / count, blue / count, red / count)
    }

    @inline(__always)
    private func pixel(_ x: Int, _ y: Int) -> (luma: Int32, blue: Int32, red: Int32) {
        switch format.pixelFormat {
        case .grey, .motionJPEG: return (byte(y * format.stride + x), 128, 128)
        case .yuyv:
            let pair = y * format.stride + x / 2 * 4
            return (byte(pair + x % 2 * 2), byte(pair + 1), byte(pair + 3))
        case .nv12:
            let chroma = (format.height + y / 2) * format.stride + x / 2 * 2
            return (byte(y * format.stride + x), byte(chroma), byte(chroma + 1))
        }
    }

    @inline(__always)
    private func byte(_ offset: Int) -> Int32 { Int32(unsafe input[offset]) }

    /// BT.601 in 16.16 fixed point.
    @inline(__always)
    private static func rgb(_ luma: Int32, _ blue: Int32, _ red: Int32) -> UInt32 {
        let y = (luma - 16) * 76_309
        func clip(_ value: Int32) -> UInt32 { UInt32(min(max((value + 32_768) >> 16, 0), 255)) }
        let r = clip(y + (red - 128) * 104_597)
        let g = clip(y - (blue - 128) * 25_675 - (red - 128) * 53_279)
        let b = clip(y + (blue - 128) * 132_201)
        return r | g << 8 | b << 16 | 0xFF00_0000
    }
}
