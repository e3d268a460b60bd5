import Biometrics
import Cues
import Imaging
import Platform
import Ports
import Testing
import Traces

/// What the light gauge makes of pictures that are too bright, or whose exposure is not yet held.
@Suite struct LightExposureTests {
    private static let states: [Illuminators] = Array(
        repeating: [[], .left, [], .right] as [Illuminators], count: 4
    ).flatMap(\.self)
    private static let framesPerState = 10

    private static func time(_ frame: Int) -> Timestamp { Timestamp(nanoseconds: Int64(frame) * 33_333_333) }

    /// A sheet that left and right brighten by a fifth, of which the first frames are as `first` says.
    private static func reading(red: UInt8? = nil, first: (count: Int, gain: Double) = (0, 1)) throws -> LightReading? {
        var gauge = LightGauge()
        var picture = FramePicture()
        for frame in 0..<states.count * framesPerState {
            let state = states[frame / framesPerState]
            var face = DrawnFace(surface: .flat)
            face.red = red
            face.lamp = { _ in state.isEmpty ? 0 : 0.2 }
            if frame < first.count { face.light.gain = first.gain }
            if frame % framesPerState == 0 || frame <= first.count { try face.load(into: &picture) }
            gauge.observe(face.points, pose: .frontal, square: face.square, of: picture, at: time(frame))
        }
        let switches = states.indices.map {
            LightSwitch(states[$0], from: time(framesPerState * $0), to: time(framesPerState * $0))
        }
        return gauge.reading([switches], late: LightSwitch.delays(nil))
    }

    @Test func `skin that is clipped in red tells nothing, however dark the picture is`() throws {
        let grey = try #require(try Self.reading(red: 128))
        #expect(abs(grey.left - 0.18) < 0.03 && grey.patchCount > 100, "\(grey)")
        let ruddy = try Self.reading(red: 200)
        #expect(ruddy.map(\.patchCount) ?? 0 < grey.patchCount / 2, "\(String(describing: ruddy))")
        #expect(try Self.reading(red: 240) == nil)
    }

    /// In frames; the exposure is held from the fifth on at the latest.
    @Test(arguments: [0, 2, 4]) func `an exposure that is held some frames late disturbs nothing`(late: Int) throws {
        let punctual = try #require(try Self.reading())
        let found = try #require(try Self.reading(first: (late, 1.4)))
        #expect(abs(found.left - punctual.left) < 0.002 && found.misfit < 0.02, "\(found)")
        #expect(found.delay == punctual.delay)
    }
}
