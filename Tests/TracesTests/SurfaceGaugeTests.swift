import Biometrics
import Cues
import Frames
import Glibc
import Imaging
import Platform
import Support
import Testing
import Traces

/// A grey picture of 640×480 whose pixels are given by a function of their place.
private struct DrawnScene {
    static let format = FrameFormat(.grey, width: 640, height: 480, stride: 640)
    /// Of a face of 150 pixels in the middle.
    static let box = Box(x: 245, y: 150, width: 150, height: 180)
    static let square = RotatedSquare(centreX: 320, centreY: 240, side: 270, angle: 0)

    let tone: (SIMD2<Double>) -> Double

    func load(into picture: inout FramePicture, seed: UInt64 = 1) throws(ImagingFault) {
        var generator = SeededGenerator(seed: seed)
        var pixels: [UInt8] = []
        for row in 0..<480 {
            for column in 0..<640 {
                // Roughly normal, of standard deviation 2.
                let noise = (0..<4).reduce(0.0) { sum, _ in sum + Double(generator.next() % 1000) / 1000 - 0.5 } * 3.5
                let value = tone(SIMD2(Double(column) + 0.5, Double(row) + 0.5)) + noise
                pixels.append(UInt8(min(max(value.rounded(), 0), 255)))
            }
        }
        try unsafe picture.loadRegion(
            pixels.span.bytes, Self.format, box: Box(x: 0, y: 0, width: 640, height: 480), minimumSide: 640)
    }

    /// A dark oval on a lighter wall.
    static func face(at place: SIMD2<Double>) -> Double {
        let offset = (place - SIMD2(320, 240)) / SIMD2(75, 90)
        return (offset * offset).sum() < 1 ? 120 : 160
    }

    /// How far out a place lies in a rectangle turned by `tilt` degrees around the middle; 1 is on its border.
    static func reach(of place: SIMD2<Double>, in halfSides: SIMD2<Double>, tilt: Double) -> Double {
        let offset = place - SIMD2(320, 240)
        let (cosine, sine) = (cos(tilt * .pi / 180), sin(tilt * .pi / 180))
        let turned = SIMD2(cosine * offset.x + sine * offset.y, cosine * offset.y - sine * offset.x) / halfSides
        return max(abs(turned.x), abs(turned.y))
    }
}

@Suite struct BezelGaugeTests {
    private static func third(_ scene: DrawnScene) throws -> Double {
        var picture = FramePicture()
        var gauge = BezelGauge()
        try scene.load(into: &picture)
        return BezelCue.third(
            of: gauge.sides(around: DrawnScene.square, box: DrawnScene.box, faceWidth: 150, of: picture))
    }

    @Test(arguments: [0.0, 7, -19, 30])
    func `a dark rectangle around the face has three sides`(tilt: Double) throws {
        let third = try Self.third(
            DrawnScene { place in
                let reach = DrawnScene.reach(of: place, in: SIMD2(130, 170), tilt: tilt)
                // Soft, as a lens draws it.
                let cover = min(max(min((1 - reach) * 100, (reach - 0.9) * 100), 0), 1)
                return 30 * cover + DrawnScene.face(at: place) * (1 - cover)
            })
        #expect(third >= Thresholds.Bezel.side, "\(third)")
    }

    @Test func `a shelf and a door frame have two sides`() throws {
        let third = try Self.third(
            DrawnScene { place in
                abs(place.x - 320) > 130 && abs(place.x - 320) < 145 ? 40 : DrawnScene.face(at: place)
            })
        #expect(third < Thresholds.Bezel.side, "\(third)")
    }

    @Test func `a bare wall, faint edges and the frame's own border are no sides`() throws {
        #expect(try Self.third(DrawnScene { DrawnScene.face(at: $0) }) < 0.2)
        let faint = DrawnScene { place in
            DrawnScene.reach(of: place, in: SIMD2(130, 170), tilt: 0) < 1 ? 155 : 160
        }
        #expect(try Self.third(faint) < 0.2)
        let stripes = DrawnScene { place in place.y < 30 || place.y > 450 ? place.x / 40 * 9 : 100 }
        #expect(try Self.third(stripes) < Thresholds.Bezel.side)
    }

    @Test func `measuring allocates nothing, and wild squares do no harm`() throws {
        var picture = FramePicture()
        var gauge = BezelGauge()
        try DrawnScene { DrawnScene.face(at: $0) }.load(into: &picture)
        // What Swift makes once for each type comes before.
        var sides = gauge.sides(around: DrawnScene.square, box: DrawnScene.box, faceWidth: 150, of: picture)
        let count = allocations {
            sides = gauge.sides(around: DrawnScene.square, box: DrawnScene.box, faceWidth: 150, of: picture)
        }
        #expect(count == 0)
        #expect(sides.min() >= 0)
        for side in [0, -1, Double.nan, .infinity, 1e12, 1e-12] {
            let square = RotatedSquare(centreX: side, centreY: 240, side: side, angle: side)
            let sides = gauge.sides(around: square, box: DrawnScene.box, faceWidth: 150, of: picture)
            #expect(sides.max() <= 1)
        }
    }
}

@Suite struct MoireGaugeTests {
    private static func reading(_ scene: DrawnScene, seed: UInt64 = 1) throws -> MoireReading {
        var picture = FramePicture()
        var gauge = MoireGauge()
        try scene.load(into: &picture, seed: seed)
        let region = try #require(MoireGauge.region(around: DrawnScene.box, frameWidth: 640, frameHeight: 480))
        gauge.start(region, of: picture)
        for _ in 0..<6 {
            if let reading = gauge.advance() { return reading }
        }
        throw GaugeStalled()
    }

    private struct GaugeStalled: Error {}

    @Test(arguments: [SIMD2(0.21, 0.13), SIMD2(0.11, -0.3), SIMD2(0.05, 0.4)])
    func `a faint grid stands out`(frequency: SIMD2<Double>) throws {
        let reading = try Self.reading(
            DrawnScene { place in
                DrawnScene.face(at: place) + 3 * cos(2 * .pi * (frequency * place).sum())
            })
        #expect(reading.peak >= Thresholds.Moire.peak, "\(reading.peak)")
        #expect(reading.peakCount >= Thresholds.Moire.leastPeaks)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `noise and edges do not`(seed: UInt64) throws {
        let reading = try Self.reading(DrawnScene { DrawnScene.face(at: $0) }, seed: seed)
        #expect(reading.peak < Thresholds.Moire.peak, "\(reading.peak)")
    }

    @Test func `blocks of eight pixels, which JPEG leaves, are no grid`() throws {
        let reading = try Self.reading(
            DrawnScene { place in
                DrawnScene.face(at: place) + ((Int(place.x) % 8 == 0 || Int(place.y) % 8 == 0) ? 3 : 0)
            })
        #expect(reading.peak < Thresholds.Moire.peak, "\(reading.peak)")
    }

    @Test func `what cannot be seen at full size is not measured`() throws {
        #expect(MoireGauge.region(around: DrawnScene.box, frameWidth: 127, frameHeight: 480) == nil)
        #expect(
            MoireGauge.region(
                around: Box(x: .nan, y: 0, width: 1, height: 1), frameWidth: 640, frameHeight: 480) == nil)
        var picture = FramePicture()
        var gauge = MoireGauge()
        try DrawnScene { DrawnScene.face(at: $0) }.load(into: &picture)
        gauge.start(Box(x: 600, y: 0, width: 128, height: 128), of: picture)
        let isBusy = gauge.isBusy
        #expect(!isBusy)
    }

    @Test func `measuring allocates nothing`() throws {
        var picture = FramePicture()
        var gauge = MoireGauge()
        try DrawnScene { DrawnScene.face(at: $0) }.load(into: &picture)
        let region = try #require(MoireGauge.region(around: DrawnScene.box, frameWidth: 640, frameHeight: 480))
        var reading: MoireReading?
        func measure() {
            reading = nil
            gauge.start(region, of: picture)
            for _ in 0..<6 where reading == nil { reading = gauge.advance() }
        }
        // What Swift makes once for each type comes before.
        measure()
        let count = allocations(during: measure)
        #expect(count == 0)
        #expect(reading != nil)
    }
}
