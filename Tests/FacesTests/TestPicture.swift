import Biometrics
import Faces
import Foundation
import Frames
import Imaging
import Platform
import Support
import Testing

/// An RGB picture in plain arrays, to be handed over as a camera or a document would.
struct TestPicture {
    let width: Int
    let height: Int
    var pixels: [SIMD3<Float>]

    init(width: Int, height: Int, grey: Float = 128) {
        self.width = width
        self.height = height
        self.pixels = Array(repeating: SIMD3(repeating: grey), count: width * height)
    }

    /// The public-domain portrait of the pack, 512×512.
    static func portrait() throws -> TestPicture { try loaded.get() }

    private static let loaded = Result {
        let bytes = try Data(contentsOf: URL(filePath: TestPack.folder + "/simulator/portrait.rgb"))
        var picture = TestPicture(width: 512, height: 512)
        for index in picture.pixels.indices {
            picture.pixels[index] = SIMD3(
                Float(bytes[3 * index]), Float(bytes[3 * index + 1]), Float(bytes[3 * index + 2]))
        }
        return picture
    }

    private func pixel(_ x: Double, _ y: Double) -> SIMD3<Float> {
        let (x, y) = (min(max(x - 0.5, 0), Double(width - 1)), min(max(y - 0.5, 0), Double(height - 1)))
        let (left, top) = (min(Int(x), width - 2), min(Int(y), height - 2))
        let (shareX, shareY) = (Float(x - Double(left)), Float(y - Double(top)))
        func row(_ y: Int) -> SIMD3<Float> {
            pixels[y * width + left] * (1 - shareX) + pixels[y * width + left + 1] * shareX
        }
        return row(top) * (1 - shareY) + row(top + 1) * shareY
    }

    /// Draws `other` onto this picture by the map from this picture's places to its own.
    mutating func draw(_ other: TestPicture, by otherFromThis: AffineMap) {
        for row in 0..<height {
            for column in 0..<width {
                let (x, y) = otherFromThis.apply(Double(column) + 0.5, Double(row) + 0.5)
                guard x >= 0, y >= 0, x < Double(other.width), y < Double(other.height) else { continue }
                pixels[row * width + column] = other.pixel(x, y)
            }
        }
    }

    /// Draws `other` with its corner at a place, enlarged by `scale`.
    mutating func draw(_ other: TestPicture, x: Double, y: Double, scale: Double = 1) {
        draw(other, by: AffineMap(a: 1 / scale, b: 0, tx: -x / scale, c: 0, d: 1 / scale, ty: -y / scale))
    }

    /// A part of the picture, brought to `width`×`height` pixels by averaging.
    func cut(_ box: Box, width: Int, height: Int) -> TestPicture {
        var part = TestPicture(width: width, height: height)
        // Enough to see each pixel of the part.
        let samples = max(Int((box.width / Double(width)).rounded(.up)), 1)
        for row in 0..<height {
            for column in 0..<width {
                var sum = SIMD3<Float>.zero
                for sample in 0..<samples * samples {
                    let x = (Double(column) + (Double(sample % samples) + 0.5) / Double(samples)) / Double(width)
                    let y = (Double(row) + (Double(sample / samples) + 0.5) / Double(samples)) / Double(height)
                    sum += pixel(box.x + x * box.width, box.y + y * box.height)
                }
                part.pixels[row * width + column] = sum / Float(samples * samples)
            }
        }
        return part
    }

    /// Averages over squares of 2·radius+1 pixels, three times, which is nearly Gaussian.
    func blurred(radius: Int) -> TestPicture {
        var result = self
        for _ in 0..<3 {
            for (stepX, stepY) in [(1, 0), (0, 1)] {
                let source = result
                for row in 0..<height {
                    for column in 0..<width {
                        var sum = SIMD3<Float>.zero
                        for step in -radius...radius {
                            let x = min(max(column + step * stepX, 0), width - 1)
                            let y = min(max(row + step * stepY, 0), height - 1)
                            sum += source.pixels[y * width + x]
                        }
                        result.pixels[row * width + column] = sum / Float(2 * radius + 1)
                    }
                }
            }
        }
        return result
    }

    func map(_ change: (SIMD3<Float>) -> SIMD3<Float>) -> TestPicture {
        var result = self
        result.pixels = pixels.map(change)
        return result
    }

    func jpeg(quality: Int = 95) throws -> [UInt8] {
        var planes = PlanarPicture(width: width, height: height)
        let stride = planes.stride
        planes.withMutablePlanes { luma, blue, red in
            for row in 0..<height {
                for column in 0..<width {
                    let rgb = pixels[row * width + column]
                    luma[row * stride + column] = UInt8(clamping: Int((rgb * SIMD3(0.299, 0.587, 0.114)).sum() + 0.5))
                    guard row % 2 == 0, column % 2 == 0 else { continue }
                    let place = row / 2 * stride / 2 + column / 2
                    blue[place] = UInt8(clamping: Int(128.5 + (rgb * SIMD3(-0.168736, -0.331264, 0.5)).sum()))
                    red[place] = UInt8(clamping: Int(128.5 + (rgb * SIMD3(0.5, -0.418688, -0.081312)).sum()))
                }
            }
        }
        return try planes.jpeg(quality: quality)
    }
}

extension PlanarPicture {
    borrowing func jpeg(quality: Int = 95) throws -> [UInt8] {
        var encoder = JPEGEncoder(maximumWidth: width)
        var bytes = [UInt8](repeating: 0, count: width * height * 3 + 4096)
        var span = bytes.mutableSpan
        let count = try unsafe span.withUnsafeMutableBytes { buffer in
            var output = unsafe buffer.mutableBytes
            return try encoder.encode(self, quality: quality, into: &output)
        }
        return Array(bytes[..<count])
    }
}

extension FaceAnalyser {
    static func tested() throws -> FaceAnalyser { try FaceAnalyser(pack: ModelPack(folder: TestPack.folder)) }

    mutating func observe(_ jpeg: [UInt8], eyes: EyeSchedule = .none, number: Int = 0) throws -> FrameObservation {
        let format = FrameFormat(.motionJPEG, width: 0, height: 0, stride: 0)
        return try unsafe observe(
            jpeg.span.bytes, format, timestamp: Timestamp(nanoseconds: Int64(number) * 33_333_333),
            sequence: UInt32(number), eyes: eyes)
    }
}
