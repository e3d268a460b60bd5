import Biometrics
import Frames
import Imaging
import Platform

/// Two Motion JPEG frames, one after the other through the same decoder.
///
/// The decoder is kept from run to run: no frame may matter to the next.
/// The input starts with a byte for what is loaded (bit 0: a region; bits 1 to 6: how large; bit 7: the header, too)
/// and with the size of the first frame, two bytes.
final class JPEGTarget: FuzzTarget {
    static let name = "jpeg"
    static let longest = 16 << 10

    private var picture = FramePicture(maximumPixels: 64 * 64)

    static var seeds: [[UInt8]] {
        let whole = drawnJPEG(width: 40, height: 24)
        let bare = withoutTables(whole)
        let progressive = progressiveJPEG(tablesOf: whole)
        let pairs: [(choice: UInt8, first: [UInt8], second: [UInt8])] = [
            (0x80, whole, bare), (0x11, bare, whole), (0x7E, progressive, bare), (0x03, whole, progressive),
        ]
        return pairs.map { [$0.choice] + littleEndian(UInt16($0.first.count)) + $0.first + $0.second }
    }

    init() {}

    func run(_ bytes: [UInt8]) {
        var reader = InputReader(bytes)
        let choice = reader.integer(UInt8.self)
        let count = min(Int(reader.integer(UInt16.self)), reader.rest.count)
        for frame in [Array(reader.rest.prefix(count)), Array(reader.rest.dropFirst(count))] {
            load(frame, choice)
        }
    }

    private func load(_ frame: [UInt8], _ choice: UInt8) {
        let format = FrameFormat(.motionJPEG, width: 0, height: 0, stride: 0)
        let side = Int(choice >> 1 & 0x3F)
        do throws(ImagingFault) {
            // A decoder of its own costs more than all the rest.
            if choice & 0x80 != 0 { _ = try unsafe JPEGHeader(of: frame.span.bytes) }
            if choice & 1 == 0 {
                try unsafe picture.loadWhole(frame.span.bytes, format, minimumWidth: side)
            } else {
                let box = Box(x: Double(side), y: Double(side) / 2, width: 20, height: 20)
                try unsafe picture.loadRegion(frame.span.bytes, format, box: box, minimumSide: side)
            }
        } catch {
            precondition(!error.description.isEmpty, "a fault says what is wrong")
        }
        lookAt(picture)
    }
}

/// Samples whatever is loaded, nothing included.
func lookAt(_ picture: borrowing FramePicture) {
    let side = Double(max(picture.width, picture.height, 8))
    let square = RotatedSquare(
        centreX: Double(picture.width) / 2, centreY: Double(picture.height) / 2, side: side, angle: 0.5)
    var samples = [Float](repeating: -1, count: 8 * 8 * 3)
    var span = samples.mutableSpan
    picture.sample(square, size: 8, low: 0, high: 1, into: &span)
    let isInRange = samples.allSatisfy { (-0.001...1.001).contains($0) }
    precondition(isInRange, "a sample lies between low and high")
}
