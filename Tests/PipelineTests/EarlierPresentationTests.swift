import Biometrics
import Cues
import Faces
import Frames
import Pipeline
import Ports
import Presentations
import Rendering
import Session
import Simulator
import Support
import Testing

/// What was shown before the neutral sample may have been somebody else's.
@Suite(.needsPack) struct EarlierPresentationTests {
    private struct NoFrame: Error {}

    @Test func `the signs of a display count no more once another face is sampled`() throws {
        var setup = CounterSetup(seed: 0)
        setup.species = .tabletReplay
        let pack = try ModelPack(folder: TestPack.folder)
        let counter = SimulatedCounter(
            setup, portrait: try Portrait.astronaut(pack: TestPack.folder), time: ManualTime())
        var analyst = try Analyst(.init(pack: pack, requirements: FramingRequirements(), source: .simulator))
        let pool = FramePool(capacity: 2, bytesPerFrame: counter.camera.maximumFrameByteCount)
        let stream = try counter.camera.startStreaming()
        defer { stream.stop() }
        func read(_ schedule: AnalysisSchedule) throws -> FrameReading {
            guard let frame = try stream.nextFrame(from: pool, within: .seconds(1)) else { throw NoFrame() }
            return try analyst.observe(frame, schedule)
        }
        var isSeen = false
        for _ in 0..<240 where !isSeen {
            isSeen = try read(AnalysisSchedule(eyes: .none, sample: nil)).cues.surface == .attack
        }
        try #require(isSeen)
        var sampled: FrameReading?
        for _ in 0..<60 where sampled == nil {
            let reading = try read(.framing(sample: SampleRequest(.first, attempt: 0)))
            if reading.sample != nil { sampled = reading }
        }
        #expect(try #require(sampled).cues.surface == .notChecked)
    }
}
