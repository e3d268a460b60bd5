import Frames
import Imaging
import Testing

@Suite struct LumaSamplerTests {
    private static let width = 64
    private static let height = 48

    /// A slope, which is the same between pixels: two levels a column, one a row, 0 at the first pixel's centre.
    private static func slope() throws -> FramePicture {
        var picture = FramePicture()
        let pixels = (0..<width * height).map { UInt8(2 * ($0 % width) + $0 / width) }
        let format = FrameFormat(.grey, width: width, height: height, stride: width)
        try unsafe picture.loadWhole(pixels.span.bytes, format, minimumWidth: width)
        return picture
    }

    private static func sample(_ map: ProjectiveMap, width: Int, height: Int) throws -> [Float] {
        let picture = try slope()
        var samples = [Float](repeating: -1, count: width * height)
        var span = samples.mutableSpan
        picture.sampleLuma(map, width: width, height: height, into: &span)
        return samples
    }

    /// A width that neither eight nor four divides has a tail.
    @Test(arguments: [(16, 0.0, 0.0), (19, 0.004, -0.003), (30, -0.006, 0.002)])
    func `each sample lies where the map says`(width: Int, e: Double, f: Double) throws {
        let map = ProjectiveMap(AffineMap(a: 1.1, b: 0.2, tx: 4, c: -0.1, d: 0.9, ty: 8), e: e, f: f)
        let samples = try Self.sample(map, width: width, height: 20)
        var worst = 0.0
        for row in 0..<20 {
            for column in 0..<width {
                let place = map.apply(SIMD2(Double(column) + 0.5, Double(row) + 0.5)) - 0.5
                let wanted = 2 * min(max(place.x, 0), 63) + min(max(place.y, 0), 47)
                worst = max(worst, abs(Double(samples[row * width + column]) - wanted))
            }
        }
        #expect(worst < 0.5, "\(worst) grey levels")
    }

    /// Red, and the luma of what is left of it, in NV12's video range.
    @Test(arguments: [(UInt8(128), UInt8(128), Float(130.4)), (128, 180, 130.4), (128, 255, 255), (255, 128, 255)])
    func `where a colour is clipped, 255 stands for the luma`(blue: UInt8, red: UInt8, luma: Float) throws {
        var picture = FramePicture()
        let format = FrameFormat(.nv12, width: 32, height: 32, stride: 32)
        let pixels = Pictures.raw(format, luma: 128, blue: blue, red: red)
        try unsafe picture.loadWhole(pixels.span.bytes, format, minimumWidth: 32)
        var samples = [Float](repeating: -1, count: 64)
        var span = samples.mutableSpan
        picture.sampleUnclippedLuma(ProjectiveMap(.identity), width: 8, height: 8, into: &span)
        #expect(samples.allSatisfy { abs($0 - luma) < 1.5 }, "\(samples[0])")
    }

    @Test func `beyond the picture its edge goes on, and what is no place is one of its pixels`() throws {
        let beyond = AffineMap(a: 1, b: 0, tx: 500, c: 0, d: 1, ty: 500)
        #expect(try Self.sample(ProjectiveMap(beyond), width: 8, height: 8).allSatisfy { $0 == 173 })
        for e in [Double.nan, -1 / 4.5, .infinity] {
            let samples = try Self.sample(ProjectiveMap(.identity, e: e), width: 13, height: 4)
            #expect(samples.allSatisfy { (0...173).contains($0) })
        }
    }
}
