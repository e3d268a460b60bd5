import Biometrics
import Cues
import Glibc
import Imaging
import Platform
import Ports
import Support
import Testing
import Traces

@Suite struct LightGaugeTests {
    /// Dark, left, dark, right, dark, front, three times.
    private static let states: [Illuminators] = Array(
        repeating: [[], .left, [], .right, [], .front] as [Illuminators], count: 3
    ).flatMap(\.self)
    private static let hold = Duration.milliseconds(334)
    private static let delays = LightSwitch.delays(nil)

    private static func time(_ frame: Int) -> Timestamp { Timestamp(nanoseconds: Int64(frame) * 33_333_333) }

    private static let switches = states.indices.map { index in
        let time = Timestamp(nanoseconds: Int64(index) * hold.nanoseconds)
        return LightSwitch(states[index], from: time, to: time)
    }

    /// What a lamp 12 cm beside the lens adds to a surface 58 cm away, by Lambert's law.
    private static func lamp(_ side: Double, on surface: DrawnFace.Surface, share: Double) -> (SIMD2<Double>) -> Double
    {
        { place in
            let step = 0.01
            let slope =
                SIMD2(
                    surface.depth(place + SIMD2(step, 0)) - surface.depth(place - SIMD2(step, 0)),
                    surface.depth(place + SIMD2(0, step)) - surface.depth(place - SIMD2(0, step))) / (2 * step)
            let normal = SIMD3(slope.x, slope.y, -1) / (1 + (slope * slope).sum()).squareRoot()
            let ray = SIMD3(side * 0.83, 0, 0) - SIMD3(place.x, place.y, 4 + surface.depth(place))
            return share * max((normal * ray).sum(), 0) / (ray * ray).sum().squareRoot() * 16 / (ray * ray).sum()
        }
    }

    private static let sides: [(Illuminators, Double)] = [(.left, 1), (.right, -1), (.front, 0)]

    private static func face(
        _ surface: DrawnFace.Surface, share: Double = 0.2, litBy illuminators: Illuminators
    ) -> DrawnFace {
        var face = DrawnFace(surface: surface)
        if let side = sides.first(where: { $0.0 == illuminators }) {
            face.lamp = lamp(side.1, on: surface, share: share)
        }
        return face
    }

    /// Shows `draw`'s face in each state, `late` after its beginning, at the yaw that `yaw` gives, in degrees.
    private static func reading(
        late: Duration = .zero, yaw: (_ state: Int) -> Double = { _ in 0 }, _ draw: (_ state: Int) -> DrawnFace
    ) throws -> LightReading? {
        var gauge = LightGauge()
        let switches = try play(into: &gauge, late: late, yaw: yaw, draw)
        return gauge.reading([switches], late: delays)
    }

    /// Shows a face in the first twelve states of each run, with a pause between runs.
    private static func reading(
        ofRuns runs: [(_ state: Int) -> DrawnFace], late: Duration = .zero
    ) throws -> LightReading? {
        var gauge = LightGauge()
        var switches: [[LightSwitch]] = []
        for draw in runs {
            switches.append(try play(into: &gauge, from: 300 * switches.count, stateCount: 12, late: late, draw))
        }
        return gauge.reading(switches, late: delays)
    }

    /// Shows `draw`'s face in each state; the first of them begins with the frame of number `start`.
    private static func play(
        into gauge: inout LightGauge, from start: Int = 0, stateCount: Int = states.count, late: Duration = .zero,
        yaw: (_ state: Int) -> Double = { _ in 0 }, _ draw: (_ state: Int) -> DrawnFace
    ) throws -> [LightSwitch] {
        let beginning = time(start)
        let switches = switches.prefix(stateCount).map { lightSwitch in
            let time = beginning + (lightSwitch.begin - time(0))
            return LightSwitch(lightSwitch.illuminators, from: time, to: time)
        }
        var picture = FramePicture()
        try draw(0).load(into: &picture)
        var frame = start
        for index in switches.indices {
            let face = draw(index)
            let points = face.points
            let square = face.square
            let pose = HeadPose(yaw: yaw(index), pitch: 0, roll: 0)
            var isShown = false
            while time(frame) - switches[index].begin < hold {
                if !isShown, time(frame) - switches[index].begin >= late {
                    try face.load(into: &picture)
                    isShown = true
                }
                gauge.observe(points, pose: pose, square: square, of: picture, at: time(frame))
                frame += 1
            }
        }
        return switches
    }

    private static func reading(
        _ surface: DrawnFace.Surface, share: Double = 0.2, follows: (Illuminators) -> Illuminators = { $0 }
    ) throws -> LightReading? {
        try reading { face(surface, share: share, litBy: follows(states[$0])) }
    }

    @Test func `a head shades as its sides are lit`() throws {
        let reading = try #require(try Self.reading(.head))
        #expect(reading.result(beside: .unread) == .bonaFide, "\(reading)")
        #expect(abs(reading.left - reading.right) < 0.03 && reading.left > 0.1)
    }

    @Test(arguments: [DrawnFace.Surface.flat, .bent(radius: 0.8, axis: 0), .bent(radius: -0.9, axis: 0)])
    func `a sheet brightens as a whole`(surface: DrawnFace.Surface) throws {
        let reading = try #require(try Self.reading(surface))
        #expect(reading.shading < Thresholds.Light.sheet, "\(reading)")
        #expect(reading.result(beside: .unread) != .bonaFide, "\(reading)")
    }

    @Test func `points that are no numbers are passed over`() throws {
        let face = Self.face(.head, litBy: [])
        var picture = FramePicture()
        try face.load(into: &picture)
        let square = face.square
        var gauge = LightGauge()
        for lost in [[], Array(100..<200), Array(0..<FacePoints.count)] {
            var points = face.points
            for index in lost { points[index] = SIMD3(repeating: .nan) }
            gauge.observe(points, pose: .frontal, square: square, of: picture, at: Self.time(lost.count))
        }
        #expect(gauge.reading([Self.switches], late: Self.delays) == nil)
    }

    /// Each lamp reaches its own half of the face, which is symmetric: what is read beside its place is not.
    @Test func `a patch is read where it lies`() throws {
        let reading = try #require(
            try Self.reading { index in
                var face = DrawnFace(surface: .flat)
                let isLeft = Self.states[index] == .left
                if isLeft || Self.states[index] == .right {
                    face.lamp = { place in (place.x > 0) == isLeft ? 0.3 : 0 }
                }
                return face
            })
        #expect(abs(reading.left - reading.right) < 0.01 && reading.left > 0.05, "\(reading)")
    }

    @Test(arguments: [0, 180]) func `two runs are read as one, though the room's light changes between them`(
        late: Int
    ) throws {
        func head(_ state: Int) -> DrawnFace {
            var face = Self.face(.head, litBy: Self.states[state])
            let lamp = face.lamp
            face.lamp = { place in (lamp?(place) ?? 0) - 0.01 * Double(state) }
            return face
        }
        func brighter(_ state: Int) -> DrawnFace {
            var face = Self.face(.head, share: 0.25, litBy: Self.states[state])
            let lamp = face.lamp
            face.lamp = { place in (lamp?(place) ?? 0) + 0.25 + 0.2 * place.x }
            return face
        }
        let late = Duration.milliseconds(late)
        let once = try #require(try Self.reading(ofRuns: [head], late: late))
        let twice = try #require(try Self.reading(ofRuns: [head, brighter], late: late))
        #expect(twice.frameCount > 3 * once.frameCount / 2)
        #expect(twice.result(beside: .unread) == .bonaFide && twice.patternCount == 2, "\(twice)")
        #expect(abs(twice.shading - once.shading) < 0.1, "\(twice) \(once)")
        #expect(twice.misfit < 0.1, "\(twice) \(once)")
    }

    @Test func `a head does not make up for a sheet before it`() throws {
        func face(_ surface: DrawnFace.Surface) -> (Int) -> DrawnFace {
            { Self.face(surface, litBy: Self.states[$0]) }
        }
        let reading = try #require(try Self.reading(ofRuns: [face(.flat), face(.head)]))
        let once = try #require(try Self.reading(ofRuns: [face(.head)]))
        #expect(abs(reading.shading - once.shading / 2) < 0.15, "\(reading) \(once)")
    }

    @Test func `where a face trembles it is believed less`() throws {
        // Mostly against the illuminators.
        let tremble: [Double] = [1, -1, -1, 1, 1, -1, -1, -1, 1, 1, -1, 1, 1, 1, -1, -1, -1, 1]
        func reading(_ strength: Double) throws -> LightReading {
            let reading = try Self.reading { state in
                var face = Self.face(.head, litBy: Self.states[state])
                let lamp = face.lamp
                face.lamp = { place in (lamp?(place) ?? 0) + (place.x > 0.15 ? strength * tremble[state] : 0) }
                return face
            }
            return try #require(reading)
        }
        let (calm, trembling) = (try reading(0), try reading(0.4))
        #expect(abs(trembling.shading - calm.shading) < 0.08, "\(trembling) \(calm)")
        #expect((0.38...0.42).contains(trembling.shadingError), "\(trembling)")
    }

    @Test func `a screen hardly answers`() throws {
        let reading = try #require(try Self.reading(.head, share: 0.02))
        #expect(reading.result(beside: .unread) == .notChecked, "\(reading)")
    }

    @Test func `light in another order is not the device's`() throws {
        let reading = try #require(try Self.reading(.head) { $0 == [] ? .front : $0 == .front ? [] : $0 })
        #expect(reading.result(beside: .unread) != .bonaFide, "\(reading)")
        let mirrored = try #require(try Self.reading(.head) { $0 == .left ? .right : $0 == .right ? .left : $0 })
        #expect(mirrored.result(beside: .unread) != .bonaFide, "\(mirrored)")
    }

    @Test func `a head that sways under the room's light does not make a sheet a head`() throws {
        // To the left whenever the left is lit, most of the time.
        let yaws = [1, 2, -1, -2, 0, 1, -1, 2, 1, -2, 0, -1, 1, 0.5, 0, -0.5, -1, 0]
        let (left, right) = (Self.lamp(1, on: .head, share: 0.2), Self.lamp(-1, on: .head, share: 0.2))
        let found = try Self.reading(yaw: { yaws[$0] }) { state in
            var face = Self.face(.flat, litBy: Self.states[state])
            let lamp = face.lamp
            face.lamp = { place in (lamp?(place) ?? 0) + 0.4 * yaws[state] * (left(place) - right(place)) }
            return face
        }
        let reading = try #require(found)
        #expect(abs(reading.shading) < Thresholds.Light.sheet / 2, "\(reading)")
    }

    @Test(arguments: [0, 70, 140, 200]) func `pictures that are late show the same`(milliseconds: Int) throws {
        let late = Duration.milliseconds(milliseconds)
        let punctual = try #require(try Self.reading { Self.face(.head, litBy: Self.states[$0]) })
        let found = try Self.reading(late: late) { Self.face(.head, litBy: Self.states[$0]) }
        let reading = try #require(found)
        #expect(abs(reading.left - punctual.left) < 0.001 && abs(reading.shading - punctual.shading) < 0.03)
        #expect((late - .milliseconds(10)...late + .milliseconds(34)).contains(reading.delay), "\(reading)")
        #expect(reading.result(beside: .unread) == .bonaFide)
    }

    @Test(arguments: [0, 150]) func `light that is later than the calibration allows is not the device's`(
        calibrated: Int
    ) throws {
        let calibration = LightCalibration(
            delayMilliseconds: calibrated, left: 0.2, right: 0.2, front: 0, faceWidth: 0.2, exposure: nil)
        var gauge = LightGauge()
        let late = Duration.milliseconds(180)
        let switches = try Self.play(into: &gauge, late: late) { Self.face(.head, litBy: Self.states[$0]) }
        let reading = gauge.reading([switches], late: LightSwitch.delays(calibration))
        #expect((try #require(reading).result(beside: .unread) == .bonaFide) == (calibrated == 150))
    }

    @Test func `a long pattern is thinned out`() throws {
        var gauge = LightGauge()
        var dark = FramePicture()
        var lit = FramePicture()
        var face = DrawnFace()
        try face.load(into: &dark)
        face.lamp = { _ in 0.2 }
        try face.load(into: &lit)
        let points = face.points
        let square = face.square
        let states: [Illuminators] = [[], .left, [], .right, [], .front, []]
        for frame in 0..<700 {
            if states[frame / 100].isEmpty {
                gauge.observe(points, pose: .frontal, square: square, of: dark, at: Self.time(frame))
            } else {
                gauge.observe(points, pose: .frontal, square: square, of: lit, at: Self.time(frame))
            }
        }
        let switches = states.indices.map {
            LightSwitch(states[$0], from: Self.time(100 * $0), to: Self.time(100 * $0))
        }
        let found = gauge.reading([switches], late: Self.delays)
        let reading = try #require(found)
        #expect(abs(reading.left - log(1.2)) < 0.02 && abs(reading.right - log(1.2)) < 0.02, "\(reading)")
        #expect((96...192).contains(reading.frameCount))
    }

    @Test func `watching allocates nothing`() throws {
        var gauge = LightGauge()
        var picture = FramePicture()
        let face = DrawnFace()
        try face.load(into: &picture)
        let points = face.points
        let square = face.square
        gauge.observe(points, pose: .frontal, square: square, of: picture, at: Self.time(0))
        #expect(
            allocations {
                gauge.observe(points, pose: .frontal, square: square, of: picture, at: Self.time(1))
            } == 0)
    }

    @Test func `nothing seen is nothing read`() {
        #expect(LightGauge().reading([Self.switches], late: Self.delays) == nil)
    }
}
