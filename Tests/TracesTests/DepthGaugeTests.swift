import Biometrics
import Cues
import Imaging
import Support
import Testing
import Traces

@Suite struct DepthGaugeTests {
    /// The gain over a turn that is read as `angles`, by a face that is really turned by `turn` of each.
    private static func pairs(
        _ surface: DrawnFace.Surface, read angles: [Double], turn: (Double) -> Double = { $0 },
        light: (gain: Double, offset: Double) = (1, 0)
    ) throws -> [DepthPair] {
        var picture = FramePicture()
        var gauge = DepthGauge()
        var face = DrawnFace(surface: surface)
        try face.load(into: &picture)
        gauge.takeNeutral(face.points, pose: .frontal, square: face.square, of: picture)
        face.light = light
        return try angles.compactMap { angle in
            face.yaw = turn(angle)
            try face.load(into: &picture)
            return gauge.measure(face.points, pose: HeadPose(yaw: angle, pitch: 0, roll: 0), of: picture)
        }
    }

    private static func gain(_ pairs: [DepthPair]) -> Double {
        pairs.reduce(0) { $0 + $1.sums.agreement } / pairs.reduce(0) { $0 + $1.sums.expected }
    }

    @Test(arguments: [[9.0, 12, 15, 18, 21], [-9, -12, -15, -18, -21]])
    func `a turning head has its own parallax`(angles: [Double]) throws {
        let pairs = try Self.pairs(.head, read: angles)
        #expect(pairs.count == 5)
        #expect(pairs.allSatisfy { $0.pointCount >= Thresholds.Depth.leastPoints })
        #expect((0.8...1.2).contains(Self.gain(pairs)), "\(Self.gain(pairs))")
    }

    @Test(arguments: [0.5, 1, 2, -2])
    func `a tilted print has no parallax, however far it is tilted`(share: Double) throws {
        let pairs = try Self.pairs(.flat, read: [9, 12, 15, 18, 21], turn: { $0 * share })
        #expect(pairs.count == 5)
        #expect(abs(Self.gain(pairs)) < Thresholds.Depth.sheet, "\(Self.gain(pairs))")
    }

    @Test(arguments: [(0.8, 0.0), (1.2, 0), (-0.9, 0), (1, 35), (1, 90)])
    func `a bent print has no parallax either`(radius: Double, axis: Double) throws {
        for direction in [1.0, -1] {
            let pairs = try Self.pairs(
                .bent(radius: radius, axis: axis), read: [9, 12, 15, 18], turn: { $0 * direction })
            #expect(abs(Self.gain(pairs)) < Thresholds.Depth.sheet, "\(direction): \(Self.gain(pairs))")
        }
    }

    /// Which way from the line the sheet lies; below the nose too few places tell of it.
    @Test(
        arguments: [(.head, false)]
            + [([1, 0], 0.08), ([-1, 0], 0.08), ([-1, 0], 0), ([0, 1], -0.15)].map { way, line in
                (.covered(way: way, line: line), true)
            } as [(DrawnFace.Surface, Bool)])
    func `a head of which a sheet hides a part is partial`(surface: DrawnFace.Surface, isPartial: Bool) throws {
        let sums = try Self.pairs(surface, read: [9, 12, 15, 18, 21]).reduce(into: DepthSums()) { $0 += $1.sums }
        #expect(sums.isPartial == isPartial, "\(sums)")
    }

    @Test func `light that changes is no motion`() throws {
        let pairs = try Self.pairs(.head, read: [9, 12, 15, 18], light: (0.7, 20))
        #expect((0.8...1.2).contains(Self.gain(pairs)), "\(Self.gain(pairs))")
    }

    @Test func `a face without texture is not measured`() throws {
        var picture = FramePicture()
        var gauge = DepthGauge()
        let face = DrawnFace(hasSkin: false)
        try face.load(into: &picture)
        gauge.takeNeutral(face.points, pose: .frontal, square: face.square, of: picture)
        let isReady = gauge.isReady
        #expect(!isReady)
        let pair = gauge.measure(face.points, pose: HeadPose(yaw: 15, pitch: 0, roll: 0), of: picture)
        #expect(pair == nil)
    }

    @Test func `measuring allocates nothing, and wild points do no harm`() throws {
        var picture = FramePicture()
        var gauge = DepthGauge()
        var face = DrawnFace()
        try face.load(into: &picture)
        gauge.takeNeutral(face.points, pose: .frontal, square: face.square, of: picture)
        face.yaw = 15
        try face.load(into: &picture)
        let points = face.points
        // What Swift makes once for each type comes before.
        var pair = gauge.measure(points, pose: HeadPose(yaw: 15, pitch: 0, roll: 0), of: picture)
        #expect(
            allocations {
                pair = gauge.measure(points, pose: HeadPose(yaw: 15, pitch: 0, roll: 0), of: picture)
            } == 0)
        #expect(pair != nil)
        var wild = FacePoints()
        let collapsed = gauge.measure(wild, pose: HeadPose(yaw: 15, pitch: 0, roll: 0), of: picture)
        for index in 0..<FacePoints.count { wild[index] = SIMD3(.infinity, -.infinity, .nan) }
        let scattered = gauge.measure(wild, pose: HeadPose(yaw: .nan, pitch: 1e9, roll: 0), of: picture)
        let turnedNowhere = gauge.measure(points, pose: HeadPose(yaw: .nan, pitch: 0, roll: 0), of: picture)
        #expect([collapsed, scattered, turnedNowhere].allSatisfy { $0?.sums.isFinite ?? true })
        gauge.takeNeutral(wild, pose: .frontal, square: face.square, of: picture)
        let isReady = gauge.isReady
        #expect(!isReady)
    }
}
