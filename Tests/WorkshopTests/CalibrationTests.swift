import Faces
import Frames
import Pipeline
import Platform
import Ports
import Rendering
import Simulator
import Support
import Testing

/// What a calibration of the illuminators finds, on a counter whose illuminators are known.
@Suite(.needsPack) struct CalibrationTests {
    private func calibrate(
        _ setup: CounterSetup, delay: Duration = .zero
    ) throws -> (calibration: Result<LightCalibration, LightTrial.Failure>, counter: SimulatedCounter) {
        let time = ManualTime()
        let portrait = try Portrait.astronaut(pack: TestPack.folder)
        let counter = SimulatedCounter(setup, portrait: portrait, time: time)
        var generator = SeededGenerator(seed: setup.seed)
        let trial = LightTrial(
            camera: LateCamera(real: counter.camera, delay: delay), lights: counter.lights,
            pack: try ModelPack(folder: TestPack.folder), time: time)
        return (Result { () throws(LightTrial.Failure) in try trial.run(using: &generator) }, counter)
    }

    private func setup(_ visitor: Visitor = .still, share: Double = 0.25) -> CounterSetup {
        var setup = CounterSetup(seed: 3)
        (setup.width, setup.height) = (640, 360)
        (setup.visitor, setup.illuminatorShare) = (visitor, share)
        return setup
    }

    /// The simulated camera hears of a light with its next frame.
    @Test(arguments: [0, 100]) func `rise, width and delay are found, and all is off afterwards`(late: Int) throws {
        let (result, counter) = try calibrate(setup(), delay: .milliseconds(late))
        let calibration = try result.get()
        #expect((0.1...0.4).contains(calibration.left) && (0.1...0.4).contains(calibration.right), "\(calibration)")
        #expect((late...late + 70).contains(calibration.delayMilliseconds), "\(calibration)")
        let truth = try #require(counter.truth)
        #expect(abs(calibration.faceWidth * 640 / Double(truth.faceWidth) - 1) < 0.2, "\(calibration)")
        #expect(calibration.exposure != nil && counter.lightState == .dark)
    }

    @Test func `a face that is too bright leaves the illuminators room`() throws {
        var bright = setup()
        bright.condition = .overexposed
        let usual = try calibrate(setup()).calibration.get()
        let calibration = try calibrate(bright).calibration.get()
        #expect(abs(calibration.left / usual.left - 1) < 0.2 && abs(calibration.right / usual.right - 1) < 0.2)
    }

    @Test func `illuminators that are lost in the room's light are told`() throws {
        let (result, counter) = try calibrate(setup(share: 0.02))
        guard case .failure(.unlike) = result else { return #expect(Bool(false), "\(result)") }
        #expect(counter.lightState == .dark)
    }

    @Test func `nobody is waited for without end`() throws {
        var empty = setup()
        empty.arrival = .seconds(60)
        let (result, counter) = try calibrate(empty)
        #expect(result == .failure(.noFace))
        #expect(counter.lightState == .dark)
    }
}

/// Stamps its frames late.
private struct LateCamera: Camera {
    let real: any Camera
    let delay: Duration

    var source: CaptureSource { real.source }
    var name: String { real.name }
    var maximumFrameByteCount: Int { real.maximumFrameByteCount }
    func check() throws(CameraFault) { try real.check() }
    func startStreaming() throws(CameraFault) -> any CameraStream {
        LateStream(real: try real.startStreaming(), delay: delay)
    }
}

private final class LateStream: CameraStream {
    private let real: any CameraStream
    private let delay: Duration

    init(real: any CameraStream, delay: Duration) {
        self.real = real
        self.delay = delay
    }

    func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease? {
        guard var frame = try real.nextFrame(from: pool, within: timeout) else { return nil }
        frame.timestamp = frame.timestamp + delay
        return frame
    }

    func holdExposure(at share: Double?) { real.holdExposure(at: share) }
    var heldExposure: HeldExposure? { real.heldExposure }
    func stop() { real.stop() }
}
