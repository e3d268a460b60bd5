import Frames
import Platform

/// Converts a part of an uncompressed frame to R, G, B, 255, averaging blocks of `denominator`² pixels.
///
/// Y'CbCr is BT.601 in limited range (Y' 16...235): what V4L2 defines for YUYV and NV12 by default
/// (`V4L2_MAP_QUANTIZATION_DEFAULT`, `V4L2_YCBCR_ENC_601`), and the UVC specification for cameras.
/// GREY is taken as it is. The caller has checked that `bytes` holds the whole frame. Throws `.tooLarge` alone.
func convertRawFrame(
    _ bytes: RawSpan, _ format: FrameFormat, _ wanted: PixelRectangle, denominator: Int, into pixels: inout SecureBytes
) throws(ImagingFault) -> LoadedPart {
    // Blocks start at whole pairs, which share their chroma.
    let left = denominator == 1 ? wanted.x / 2 * 2 : wanted.x / denominator
    let top = wanted.y / denominator
    let right = (wanted.x + wanted.width + denominator - 1) / denominator
    let bottom = (wanted.y + wanted.height + denominator - 1) / denominator
    let part = LoadedPart(x: left, y: top, width: right - left, height: bottom - top, denominator: denominator)
    guard part.width * part.height * 4 <= pixels.count else {
        throw .tooLarge(width: wanted.width, height: wanted.height)
    }
    pixels.withMutableBytes { output in
        unsafe output.withUnsafeMutableBytes { output in
            unsafe bytes.withUnsafeBytes { input in
                guard let source = input.baseAddress, let target = output.baseAddress else { return }
                switch format.pixelFormat {
                case .yuyv: unsafe convert(YUYVPixels(start: source, format: format), part, to: target)
                case .nv12: unsafe convert(NV12Pixels(start: source, format: format), part, to: target)
                case .grey: unsafe convert(GreyPixels(start: source, format: format), part, to: target)
                case .motionJPEG: break
                }
            }
        }
    }
    return part
}

/// Converts `part` row by row.
@unsafe private func convert(_ source: some RawPixels, _ part: LoadedPart, to target: UnsafeMutableRawPointer) {
    var place = unsafe target
    for row in part.y..<part.y + part.height {
        if part.denominator == 1 {
            for x in stride(from: part.x, to: part.x + part.width, by: 2) {
                let pair = source.pair(x, row)
                unsafe place.storeBytes(of: source.colour(pair.x, pair.y, pair.w), as: UInt32.self)
                let hasSecond = x + 1 < part.x + part.width
                if hasSecond {
                    unsafe place.storeBytes(of: source.colour(pair.z, pair.y, pair.w), toByteOffset: 4, as: UInt32.self)
                }
                unsafe place += hasSecond ? 8 : 4
            }
        } else {
            for column in part.x..<part.x + part.width {
                unsafe place.storeBytes(of: mean(source, column, row, part.denominator), as: UInt32.self)
                unsafe place += 4
            }
        }
    }
}

/// The mean of one block in Y'CbCr, converted once; blocks at the right and lower edge are what is left of them.
@inline(__always)
private func mean(_ source: some RawPixels, _ column: Int, _ row: Int, _ denominator: Int) -> UInt32 {
    let rows = row * denominator..<min((row + 1) * denominator, source.format.height)
    let columns = column * denominator..<min((column + 1) * denominator, source.format.width)
    var sum = SIMD4<Int32>()
    for y in rows {
        for x in stride(from: columns.lowerBound, to: columns.upperBound, by: 2) { sum &+= source.pair(x, y) }
    }
    let pairCount = Int32(rows.count * ((columns.count + 1) / 2))
    return source.colour((sum.x + sum.z) / (pairCount * 2), sum.y / pairCount, sum.w / pairCount)
}

/// Reads pixels of a frame whose size was checked against its bytes.
private protocol RawPixels {
    var format: FrameFormat { get }

    /// Y', Cb, Y', Cr of the pixels `x`, which is even, and `x` + 1.
    func pair(_ x: Int, _ y: Int) -> SIMD4<Int32>

    /// The pixel as R, G, B, 255 in memory.
    func colour(_ luma: Int32, _ blue: Int32, _ red: Int32) -> UInt32
}

extension RawPixels {
    /// BT.601 in limited range, in 16.16 fixed point.
    @inline(__always)
    func colour(_ luma: Int32, _ blue: Int32, _ red: Int32) -> UInt32 {
        let y = (luma - 16) * 76_309 + 32_768
        @inline(__always) func clip(_ value: Int32) -> UInt32 {
            UInt32(truncatingIfNeeded: min(max(value >> 16, 0), 255))
        }
        let r = clip(y + (red - 128) * 104_597)
        let g = clip(y - (blue - 128) * 25_675 - (red - 128) * 53_279)
        let b = clip(y + (blue - 128) * 132_201)
        return (r | g << 8 | b << 16 | 0xFF00_0000).littleEndian
    }
}

@safe private struct YUYVPixels: RawPixels {
    let start: UnsafeRawPointer
    let format: FrameFormat

    @inline(__always)
    func pair(_ x: Int, _ y: Int) -> SIMD4<Int32> {
        let offset = y &* format.stride &+ x &* 2
        return SIMD4<Int32>(
            truncatingIfNeeded: unsafe start.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt8>.self))
    }
}

@safe private struct NV12Pixels: RawPixels {
    let start: UnsafeRawPointer
    let format: FrameFormat

    @inline(__always)
    func pair(_ x: Int, _ y: Int) -> SIMD4<Int32> {
        let luma = unsafe start + (y &* format.stride &+ x)
        let chroma = unsafe start + ((format.height &+ y / 2) &* format.stride &+ x)
        return unsafe SIMD4(
            Int32(luma.load(as: UInt8.self)), Int32(chroma.load(as: UInt8.self)),
            Int32(luma.load(fromByteOffset: 1, as: UInt8.self)), Int32(chroma.load(fromByteOffset: 1, as: UInt8.self)))
    }
}

@safe private struct GreyPixels: RawPixels {
    let start: UnsafeRawPointer
    let format: FrameFormat

    /// The last pixel of an odd row counts twice.
    @inline(__always)
    func pair(_ x: Int, _ y: Int) -> SIMD4<Int32> {
        let row = unsafe start + y &* format.stride
        let second = min(x &+ 1, format.width &- 1)
        return unsafe SIMD4(
            Int32(row.load(fromByteOffset: x, as: UInt8.self)), 128,
            Int32(row.load(fromByteOffset: second, as: UInt8.self)), 128)
    }

    @inline(__always)
    func colour(_ luma: Int32, _ blue: Int32, _ red: Int32) -> UInt32 {
        UInt32(truncatingIfNeeded: luma &* 0x01_0101).littleEndian | UInt32(0xFF00_0000).littleEndian
    }
}
