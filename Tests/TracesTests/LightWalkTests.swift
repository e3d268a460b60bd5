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

    /// Reads a face on which `shown` is lit while the device lights `states`.
    private static func reading(
        _ states: [Illuminators], shown: [Illuminators], _ generator: inout SeededGenerator
    ) throws -> LightReading {
        let face = DrawnFace(surface: .head)
        var crop = CropPoints()
        crop.take(face.points, AffineMap.frameFromCrop(face.square, size: 192))
        let width = crop.distance(FacePoints.Index.leftSide, FacePoints.Index.rightSide)
        var patches = LightPatches()
        patches.choose(on: crop, faceWidth: width, unit: 1, frameWidth: 1280)
        let rows = (0..<states.count * framesPerState).map { frame in
            LightFit.Row(
                time: Double(frame) / 24, pose: .frontal, illuminators: states[frame / framesPerState], frame: frame,
                run: 0, state: frame / framesPerState)
        }
        let noise = (0..<rows.count * patches.count).map { _ in Double.random(in: -0.01...0.01, using: &generator) }
        let reading = LightFit(rows: rows).reading(patches, faceWidth: 0.2, delay: .zero) { frame, patch in
            let lit = shown[frame / framesPerState]
            let side = (lit.contains(.left) ? 1.0 : 0) - (lit.contains(.right) ? 1.0 : 0)
            let light = rise * (Double(lit.each.count) + 0.4 * side * patches.contrast(patch))
            return Float(light + noise[frame * patches.count + patch])
        }
        return try #require(reading)
    }

    @Test(arguments: 0..<30) func `a head is read in every pattern`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let states = try Self.walk(&generator)
        let reading = try Self.reading(states, shown: states, &generator)
        #expect(reading.result(beside: .undetermined) == .bonaFide, "\(reading)")
        #expect(reading.shadingSpread < 0.1 && abs(reading.frontShading) < 0.1, "\(reading)")
    }

    @Test func `where there is no front it shades nothing`() throws {
        var generator = SeededGenerator(seed: 1)
        let states = try Self.walk(through: [.left, .right], &generator)
        let reading = try Self.reading(states, shown: states, &generator)
        #expect(reading.result(beside: .undetermined) == .bonaFide && reading.frontShading == 0, "\(reading)")
    }

    @Test func `a head that is lit by another pattern is none`() throws {
        var generator = SeededGenerator(seed: 1)
        let passed = try (0..<100).count { _ in
            let (states, shown) = (try Self.walk(&generator), try Self.walk(&generator))
            return try Self.reading(states, shown: shown, &generator).result(beside: .bonaFide) == .bonaFide
        }
        #expect(passed <= 1, "\(passed) of 100")
    }

    /// As a screen does that sees how bright the room is, and tosses a coin for the side.
    @Test func `a head that is lit as brightly from a guessed side is none`() throws {
        var generator = SeededGenerator(seed: 2)
        let passed = try (0..<100).count { _ in
            let states = try Self.walk(&generator)
            let shown = states.map { state in
                state.each.count == 1
                    ? [Illuminators.left, .left, .right, .right, .front].randomElement(using: &generator) ?? .left
                    : state
            }
            return try Self.reading(states, shown: shown, &generator).result(beside: .bonaFide) == .bonaFide
        }
        #expect(passed <= 3, "\(passed) of 100")
    }
}
