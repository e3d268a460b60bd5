import Biometrics
import Cues
import Frames
import Imaging
import Support
import Testing
import Traces

/// A speckled wall with a face before it, and around the face a speckled sheet of some width.
private struct DrawnRoom {
    static let format = FrameFormat(.grey, width: 640, height: 360, stride: 640)
    private static let faceWidth = 70.0

    /// Pixels by which face and sheet, and the wall, are moved.
    var face = SIMD2(0.0, 0.0)
    var wall = SIMD2(0.0, 0.0)
    /// Half sides of the sheet, in face widths.
    var sheet: SIMD2<Double>?

    var points: FacePoints {
        var points = FacePoints()
        for index in 0..<FacePoints.count {
            let place = centre + SIMD2(Double(index % 21) / 20 - 0.5, Double(index / 21) / 22 - 0.5) * Self.faceWidth
            points[index] = SIMD3(place.x, place.y, 0)
        }
        points[FacePoints.Index.rightSide] = SIMD3(centre.x - Self.faceWidth / 2, centre.y, 0)
        points[FacePoints.Index.leftSide] = SIMD3(centre.x + Self.faceWidth / 2, centre.y, 0)
        return points
    }

    private var centre: SIMD2<Double> { SIMD2(320, 190) + face }

    func load(into picture: inout FramePicture) throws(ImagingFault) {
        var pixels: [UInt8] = []
        for row in 0..<360 {
            for column in 0..<640 {
                let place = SIMD2(Double(column), Double(row))
                let offset = (place - centre) / Self.faceWidth
                let isSheet = sheet.map { abs(offset.x) < $0.x && abs(offset.y) < $0.y } ?? false
                let isMoving = isSheet || (offset * offset).sum() < 0.4
                pixels.append(Self.speckle(isMoving ? place - face : place - wall + 1000))
            }
        }
        try unsafe picture.loadWhole(pixels.span.bytes, Self.format, minimumWidth: SurroundGauge.width)
    }

    /// Value noise of eight pixels.
    private static func speckle(_ place: SIMD2<Double>) -> UInt8 {
        let corner = (place / 8).rounded(.down)
        let share = place / 8 - corner
        func value(_ x: Double, _ y: Double) -> Double {
            var generator = SeededGenerator(
                seed: UInt64(bitPattern: Int64(corner.x + x) &* 73_856_093 ^ Int64(corner.y + y) &* 19_349_663))
            return Double(generator.next() % 160)
        }
        let upper = value(0, 0) + (value(1, 0) - value(0, 0)) * share.x
        let lower = value(0, 1) + (value(1, 1) - value(0, 1)) * share.x
        return UInt8(40 + upper + (lower - upper) * share.y)
    }
}

@Suite struct SurroundGaugeTests {
    private static func pair(_ before: DrawnRoom, _ after: DrawnRoom) throws -> SurroundPair? {
        var picture = FramePicture()
        var gauge = SurroundGauge()
        try before.load(into: &picture)
        let first = gauge.observe(before.points, of: picture)
        #expect(first == nil)
        try after.load(into: &picture)
        return gauge.observe(after.points, of: picture)
    }

    private static let step = SIMD2(8.0, -3.0)

    @Test func `a person moves before a wall that stays`() throws {
        let pair = try #require(try Self.pair(DrawnRoom(), DrawnRoom(face: Self.step)))
        #expect(pair.isCameraStill)
        #expect((0.9...1.1).contains(pair.miss / pair.motion), "\(pair)")
        #expect(pair.following < 0.1, "\(pair)")
        #expect(abs(pair.motion - 4.27) < 0.1)
    }

    @Test func `a sheet takes along what it shows around a face`() throws {
        let sheet = SIMD2(2.1, 2.4)
        let pair = try #require(try Self.pair(DrawnRoom(sheet: sheet), DrawnRoom(face: Self.step, sheet: sheet)))
        #expect(pair.isCameraStill)
        #expect(pair.miss / pair.motion < Thresholds.Surround.miss, "\(pair)")
        #expect(pair.following > Thresholds.Surround.following, "\(pair)")
    }

    @Test func `a sheet no wider than hair and hat is not looked at`() throws {
        let sheet = SIMD2(1.2, 1.4)
        let pair = try #require(try Self.pair(DrawnRoom(sheet: sheet), DrawnRoom(face: Self.step, sheet: sheet)))
        #expect(pair.following < 0.2, "\(pair)")
    }

    @Test func `a camera that moves is no proof`() throws {
        let pair = try #require(try Self.pair(DrawnRoom(), DrawnRoom(face: Self.step, wall: Self.step)))
        #expect(!pair.isCameraStill)
        #expect(pair.following > 0.9, "\(pair)")
    }

    @Test func `a background that moves by itself does not follow the face`() throws {
        for wall in [SIMD2(-8.0, 3.0), SIMD2(0, 6), SIMD2(3, 8)] {
            let pair = try #require(try Self.pair(DrawnRoom(), DrawnRoom(face: Self.step, wall: wall)))
            #expect(pair.following < 0.1 && !pair.isCameraStill, "\(pair)")
        }
    }

    @Test func `a face that hardly moves tells nothing, and what is forgotten is not compared`() throws {
        #expect(try Self.pair(DrawnRoom(), DrawnRoom(face: SIMD2(0.8, 0.8))) == nil)
        var picture = FramePicture()
        var gauge = SurroundGauge()
        try DrawnRoom().load(into: &picture)
        _ = gauge.observe(DrawnRoom().points, of: picture)
        gauge.forget()
        let moved = DrawnRoom(face: Self.step)
        try moved.load(into: &picture)
        let pair = gauge.observe(moved.points, of: picture)
        #expect(pair == nil)
    }

    @Test func `measuring allocates nothing, and wild meshes do no harm`() throws {
        var picture = FramePicture()
        var gauge = SurroundGauge()
        try DrawnRoom().load(into: &picture)
        let points = DrawnRoom().points
        let moved = DrawnRoom(face: Self.step).points
        var pair: SurroundPair?
        // The first round fills caches of the Swift runtime.
        for _ in 0..<2 {
            _ = gauge.observe(moved, of: picture)
            _ = gauge.observe(points, of: picture)
        }
        let count = allocations { pair = gauge.observe(moved, of: picture) }
        #expect(count == 0)
        #expect(pair != nil)
        for value in [Double.nan, .infinity, 1e30, -1e30, 0] {
            var wild = FacePoints()
            for index in 0..<FacePoints.count where index % 2 == 0 { wild[index] = SIMD3(value, value, 0) }
            _ = gauge.observe(wild, of: picture)
            _ = gauge.observe(points, of: picture)
        }
    }
}
