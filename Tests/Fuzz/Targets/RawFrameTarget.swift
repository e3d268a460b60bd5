import Biometrics
import Frames
import Imaging
import Platform

/// A GREY, YUYV or NV12 frame whose format need not be true.
///
/// The input: kind and side (one byte each), width, height and stride (four each), the box (four doubles), pixels.
final class RawFrameTarget: FuzzTarget {
    static let name = "raw-frame"
    static let longest = 32 << 10
    private static let kinds = [PixelFormat.grey, .yuyv, .nv12]

    private var picture = FramePicture(maximumPixels: 128 * 96)

    static var seeds: [[UInt8]] {
        kinds.enumerated().map { index, kind in
            let size = [Int32(34), 18, kind == .yuyv ? 68 : 36].flatMap(littleEndian)
            let box = [2.0, 3, 20, 9].flatMap { littleEndian($0.bitPattern) }
            return [UInt8(index), 10] + size + box + (0..<36 * 36).map { UInt8(truncatingIfNeeded: $0 * 7) }
        }
    }

    init() {}

    func run(_ bytes: [UInt8]) {
        var reader = InputReader(bytes)
        let kind = Self.kinds[Int(reader.integer(UInt8.self)) % Self.kinds.count]
        let side = Int(reader.integer(UInt8.self))
        let format = FrameFormat(
            kind, width: Int(reader.integer(Int32.self)), height: Int(reader.integer(Int32.self)),
            stride: Int(reader.integer(Int32.self)))
        let box = Box(x: reader.double(), y: reader.double(), width: reader.double(), height: reader.double())
        let pixels = Array(reader.rest)
        do throws(ImagingFault) {
            try unsafe picture.loadWhole(pixels.span.bytes, format, minimumWidth: side)
            lookAt(picture)
            try unsafe picture.loadRegion(pixels.span.bytes, format, box: box, minimumSide: side)
        } catch {
            precondition(!error.description.isEmpty, "a fault says what is wrong")
        }
        lookAt(picture)
    }
}
