import Biometrics
import Cues
import Imaging
import Liveness
import Platform
import Ports
import Support
import Testing

@testable import Traces

/// Light patterns as they are drawn, on levels that a formula gives for a head and for what imitates one.
@Suite struct LightWalkTests {
    private static let framesPerState = 8
    private static let rise = 0.12

    private static func walk(
        through illuminators: Illuminators = .all, _ generator: inout SeededGenerator
    ) throws -> [Illuminators] {
        try #require(LightPattern.draw(from: illuminators, using: &generator)).states.map(\.illuminators)
    }

    /// Reads a face on which `shown` is lit while the device lights `states`, in one pattern or two; `widths` are the
    /// face's in each, as its distance makes them, and `told` what is known of them; a sheet covers the places of which
    /// `isCovered` says so, a place gets the share `dimness` of what the others get, and the room's light wavers by up to
    /// `flicker`.
    private static func reading(
        _ patterns: [(states: [Illuminators], shown: [Illuminators])], widths: [Double] = [0.2, 0.2],
        told: [Double]? = nil, covering isCovered: (SIMD2<Double>) -> Bool = { _ in false },
        dimness: (SIMD2<Double>) -> Double = { _ in 1 }, flicker: Double = 0, _ generator: inout SeededGenerator
    ) throws -> LightReading {
        let face = DrawnFace(surface: .head)
        var crop = CropPoints()
        crop.take(face.points, AffineMap.frameFromCrop(face.square, size: 192))
        let width = crop.distance(FacePoints.Index.leftSide, FacePoints.Index.rightSide)
        var patches = LightPatches()
        patches.choose(on: crop, faceWidth: width, unit: 1, frameWidth: 1280)
        var rows: [LightFit.Row] = []
        var lit: [Illuminators] = []
        for (run, pattern) in patterns.enumerated() {
            for frame in 0..<pattern.states.count * framesPerState {
                let state = frame / framesPerState
                rows.append(
                    LightFit.Row(
                        time: Double(frame) / 24, pose: .frontal, illuminators: pattern.states[state],
                        faceWidth: (told ?? widths)[run], frame: rows.count, run: run, state: state))
                lit.append(pattern.shown[state])
            }
        }
        let noise = (0..<rows.count * patches.count).map { _ in Double.random(in: -0.01...0.01, using: &generator) }
        let wavering = rows.map { _ in flicker * Double.random(in: -1...1, using: &generator) }
        let reading = LightFit(rows: rows).reading(patches, delay: .zero) { frame, patch in
            let side = (lit[frame].contains(.left) ? 1.0 : 0) - (lit[frame].contains(.right) ? 1.0 : 0)
            let place = patches.place(patch)
            let contrast = isCovered(place) ? 0 : 0.4 * patches.contrast(patch)
            let shaded = Double(lit[frame].each.count) + side * contrast
            let nearness = widths[rows[frame].run] / 0.2
            let light = rise * dimness(place) * nearness * nearness * shaded
            return Float(light + wavering[frame] + noise[frame * patches.count + patch])
        }
        return try #require(reading)
    }

    private static func reading(
        _ states: [Illuminators], shown: [Illuminators], _ generator: inout SeededGenerator
    ) throws -> LightReading {
        try reading([(states, shown)], &generator)
    }

    /// Of a hundred videos whose depth is a head's, how many pass when they are lit as `imitate` says.
    private static func passes(
        patterns: Int, seed: UInt64,
        _ imitate: ([Illuminators], inout SeededGenerator) throws -> [Illuminators]
    ) throws -> Int {
        var generator = SeededGenerator(seed: seed)
        return try (0..<100).count { _ in
            let played = try (0..<patterns).map { _ in
                let states = try walk(&generator)
                return (states, try imitate(states, &generator))
            }
            return try reading(played, &generator).result(beside: .head) == .bonaFide
        }
    }

    @Test(arguments: 0..<30) func `a head is read in every pattern`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let states = try Self.walk(&generator)
        let reading = try Self.reading(states, shown: states, &generator)
        #expect(reading.result(beside: .unread) == .bonaFide, "\(reading)")
        #expect(reading.shadingSpread < 0.1 && abs(reading.frontShading) < 0.1, "\(reading)")
    }

    /// Which way from the line the sheet lies, and whether that goes through the middle.
    @Test(arguments: [
        (SIMD2(-1.0, 0), 0.0, true), (SIMD2(1.0, 0), 0, true), (SIMD2(0, -1.0), 0.12, true),
        (SIMD2(0, 1.0), -0.12, true), (SIMD2(0, -1.0), 0, false), (SIMD2(0, 1.0), 0, false),
    ]) func `a face that a sheet covers by half is uneven`(way: SIMD2<Double>, line: Double, isMiddle: Bool) throws {
        var generator = SeededGenerator(seed: 2)
        let states = try Self.walk(&generator)
        let reading = try Self.reading(
            [(states, states)], covering: { ($0 * way).sum() > line }, &generator)
        let unevenness = isMiddle ? reading.middleUnevenness : reading.unevenness
        #expect(try #require(unevenness) > 1.25 && reading.result(beside: .unread) != .bonaFide, "\(reading)")
    }

    @Test func `what is hidden in the light of a torch is not compared`() throws {
        var generator = SeededGenerator(seed: 2)
        let states = try Self.walk(&generator)
        let reading = try Self.reading(
            [(states, states)], covering: { $0.x < 0 }, dimness: { $0.x < 0 ? 0.25 : 1 }, &generator)
        #expect(reading.middleUnevenness == nil && reading.result(beside: .unread) != .bonaFide, "\(reading)")
    }

    @Test func `a head in a sunbeam is even`() throws {
        var generator = SeededGenerator(seed: 2)
        let states = try Self.walk(&generator)
        let reading = try Self.reading([(states, states)], dimness: { $0.x < 0.05 ? 0.45 : 1 }, &generator)
        let isEven = try #require(reading.middleUnevenness) < 0
        #expect(isEven && reading.result(beside: .unread) == .bonaFide, "\(reading)")
    }

    @Test func `a room that flickers makes an unevenly lit face less sure`() throws {
        func error(flicker: Double) throws -> Double {
            var generator = SeededGenerator(seed: 2)
            let states = try Self.walk(&generator)
            return try Self.reading(
                [(states, states)], dimness: { $0.x < 0.05 ? 0.45 : 1 }, flicker: flicker, &generator
            ).shadingError
        }
        let (calm, flickering) = (try error(flicker: 0), try error(flicker: 0.1))
        #expect(flickering > 1.2 * calm, "\(calm) \(flickering)")
    }

    @Test func `two patterns at two distances are read as one`() throws {
        var generator = SeededGenerator(seed: 5)
        let played = try (0..<2).map { _ in
            let states = try Self.walk(&generator)
            return (states, states)
        }
        let reading = try Self.reading(played, widths: [0.18, 0.22], &generator)
        let unaware = try Self.reading(played, widths: [0.18, 0.22], told: [0.2, 0.2], &generator)
        #expect(abs(reading.left - Self.rise) < 0.01 && reading.misfit < 0.1, "\(reading)")
        #expect(unaware.misfit > 2 * reading.misfit, "\(unaware)")
    }

    @Test func `where there is no front it shades nothing`() throws {
        var generator = SeededGenerator(seed: 1)
        let states = try Self.walk(through: [.left, .right], &generator)
        let reading = try Self.reading(states, shown: states, &generator)
        #expect(reading.result(beside: .unread) == .bonaFide && reading.frontShading == 0, "\(reading)")
    }

    @Test(arguments: [1, 2]) func `a head that is lit by another pattern is none`(patterns: Int) throws {
        let passed = try Self.passes(patterns: patterns, seed: 1) { _, generator in try Self.walk(&generator) }
        #expect(passed <= 1, "\(passed) of 100")
    }

    /// As a screen does that sees how bright the room is, and guesses as many of each as there are likely to be.
    @Test(arguments: [(1, 3), (2, 1)])
    func `a head that is lit as brightly from a guessed side is none`(patterns: Int, most: Int) throws {
        let passed = try Self.passes(patterns: patterns, seed: 2) { states, generator in
            var guesses: [Illuminators] = []
            return states.map { state in
                if state.each.count != 1 { return state }
                if guesses.isEmpty { guesses = [.left, .left, .right, .right, .front].shuffled(using: &generator) }
                return guesses.removeLast()
            }
        }
        #expect(passed <= most, "\(passed) of 100")
    }
}
