import Biometrics
import Frames
import Imaging
import Platform
import Ports
import Presentations
import Rendering
import Simulator
import Support
import Testing

/// What a small simulated camera sees, with the challenge on the screen.
private struct Outlet {
    let counter: SimulatedCounter
    private let pool: FramePool
    private let stream: any CameraStream

    init(_ setup: CounterSetup) throws {
        var setup = setup
        (setup.width, setup.height) = (160, 96)
        counter = SimulatedCounter(setup, portrait: .drawn, time: ManualTime())
        pool = FramePool(capacity: 2, bytesPerFrame: counter.camera.maximumFrameByteCount)
        stream = try counter.camera.startStreaming()
        counter.prompts.show(Prompt(stage: .challenging, instruction: .turnLeft))
    }

    func film(_ count: Int) throws -> [[UInt8]] {
        try (0..<count).map { _ in
            guard let frame = try stream.nextFrame(from: pool, within: .seconds(1)) else { return [] }
            return frame.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
        }
    }

    /// Mean luma of the picture's middle.
    func brightness(of jpeg: [UInt8]) throws -> Float {
        var picture = FramePicture()
        try unsafe picture.loadWhole(
            jpeg.span.bytes, FrameFormat(.motionJPEG, width: 160, height: 96, stride: 0), minimumWidth: 160)
        var samples = [Float](repeating: 0, count: 96 * 96 * 3)
        var output = samples.mutableSpan
        _ = picture.letterbox(size: 96, low: 0, high: 255, into: &output)
        let middle = (40..<56).flatMap { row in (40..<56).map { samples[(row * 96 + $0) * 3 + 1] } }
        return middle.reduce(0, +) / Float(middle.count)
    }
}

private func setup(_ species: Species, seed: UInt64 = 1) -> CounterSetup {
    var setup = CounterSetup(seed: seed)
    setup.species = species
    setup.illuminatorShare = 0.5
    return setup
}

@Suite struct AttackTests {
    @Test(arguments: Species.allCases)
    func `equal attacks give the same bytes, and other seeds others`(species: Species) throws {
        let film = try Outlet(setup(species)).film(20)
        let isRepeatable = try film == Outlet(setup(species)).film(20)
        let isTheOnlyOne = try film == Outlet(setup(species, seed: 2)).film(20)
        #expect(isRepeatable)
        #expect(!isTheOnlyOne)
    }

    @Test(arguments: [Species.movedPrint, .bentPrint])
    func `a hand turns a print to the asked side`(species: Species) throws {
        let outlet = try Outlet(setup(species))
        var furthest = 0.0
        for _ in 0..<120 {
            _ = try outlet.film(1)
            furthest = max(furthest, outlet.counter.truth?.posture.pose.yaw ?? 0)
        }
        #expect(furthest > 15)
    }

    /// The share of the device's light that comes back is what the light challenge looks for.
    @Test func `paper follows an illuminator, a display hardly, and an injected stream not at all`() throws {
        func gain(_ species: Species) throws -> Float {
            let (dark, lit) = (try Outlet(setup(species)), try Outlet(setup(species)))
            try lit.counter.lights.show(LightState(privacyLamp: true, illuminators: .front))
            let (before, after) = (try dark.film(2)[1], try lit.film(2)[1])
            return try lit.brightness(of: after) / dark.brightness(of: before)
        }
        let (paper, display, stream) = try (gain(.movedPrint), gain(.standReplay), gain(.noisyStream))
        #expect(paper > 1.08)
        #expect((0.99..<1.05).contains(display))
        #expect(stream == 1)
    }

    /// A loop has at most 180 frames, and its very first run begins without a picture before it.
    @Test func `a looped stream repeats itself to the byte`() throws {
        let film = try Outlet(setup(.loopedStream)).film(560)
        let known = Set(film.prefix(370))
        let newCount = film.dropFirst(370).count { !known.contains($0) }
        #expect(newCount == 0)
        #expect(known.count > 20)
    }

    @Test func `a frozen stream stands still while a clip is sought`() throws {
        let film = try Outlet(setup(.frozenStream)).film(150)
        let repeatCount = zip(film, film.dropFirst()).count { $0 == $1 }
        let kinds = Set(film).count
        #expect(repeatCount > 8)
        #expect(kinds > 10)
    }

    /// The drawn head has no mouth that a mask could cover.
    @Test(arguments: Condition.allCases.filter { ![.office, .mask].contains($0) })
    func `an unusual condition shows`(condition: Condition) throws {
        var unusual = CounterSetup(seed: 1)
        unusual.condition = condition
        let isAsUsual = try Outlet(unusual).film(240) == Outlet(CounterSetup(seed: 1)).film(240)
        #expect(!isAsUsual)
    }

    @Test(arguments: [(Bend.flat, 10.0...10.0), (Bend(radius: 8, axis: 0), 8.5...9.5)])
    func `bending moves the edges inwards by the arc and keeps the sheet's length`(
        bend: Bend, width: ClosedRange<Double>
    ) {
        let (left, right) = (bend.place([-5, 0]), bend.place([5, 0]))
        #expect(width.contains(Double(right.x - left.x)))
        #expect(left.z == right.z)
    }
}
