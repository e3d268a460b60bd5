import Faces
import Pipeline
import Platform
import Ports
import Simulator
import Support
import Synchronization
import Testing

/// What a technician's work does with lights and camera.
@Suite struct TrialTests {
    private let camera = PlayedCamera(Array(repeating: .good, count: 2000))

    @Test func `no illuminator flashes more than three times a second`() throws {
        let lights = WatchedLights(camera.time)
        _ = try CameraTrial(camera: camera, lights: lights, pack: nil, time: camera.time, stop: StopFlag()).run()
        let flashes = lights.changes.filter { !$0.state.illuminators.isEmpty }.map(\.time)
        try #require(flashes.count == 9)
        #expect(zip(flashes, flashes.dropFirst(3)).allSatisfy { $1 - $0 >= .seconds(1) })
        #expect(lights.changes.last?.state == .dark && !camera.isOn)
    }

    @Test func `a broken frame is counted once, and the rate is the camera's`() throws {
        let camera = PlayedCamera((0..<2000).map { $0 % 10 == 5 ? .broken : $0 % 40 == 11 ? .lost : .good })
        let lights = WatchedLights(camera.time)
        let figures = try CameraTrial(
            camera: camera, lights: lights, pack: nil, time: camera.time, stop: StopFlag()
        ).run()
        #expect(abs(figures.brokenCount - figures.frameCount / 9) <= 1)
        #expect(abs(figures.lostCount - figures.frameCount / 36) <= 1)
        #expect(abs(figures.rate - 30) < 0.5)
    }

    @Test func `an examination ends beside a lamp that went out`() {
        let lights = WatchedLights(camera.time, outAfter: .seconds(1))
        let trial = CameraTrial(camera: camera, lights: lights, pack: nil, time: camera.time, stop: StopFlag())
        let gone = CameraTrial.Failure.lights(.chipMissing(chip: "counter"))
        #expect(throws: gone) { _ = try trial.run() }
        #expect(!camera.isOn && camera.deliveredCount == 31)
    }

    /// What is told two seconds after the first, that is by the 62nd; `count` were looked at.
    private static func useless(looks count: Int) -> [(PlayedCamera.Step, CameraFault)] {
        [
            (.broken, .stalled(name: "played", after: CaptureLoop.frameTimeout)),
            (.unreadable, .unreadable(name: "played", frames: count)),
        ]
    }

    @Test(arguments: useless(looks: 62))
    func `a camera that shows nothing ends an examination`(step: PlayedCamera.Step, fault: CameraFault) {
        let camera = PlayedCamera(Array(repeating: .good, count: 20) + Array(repeating: step, count: 2000))
        let trial = CameraTrial(
            camera: camera, lights: WatchedLights(camera.time), pack: nil, time: camera.time, stop: StopFlag())
        #expect(throws: CameraTrial.Failure.camera(fault)) { _ = try trial.run() }
        #expect(!camera.isOn && camera.deliveredCount == 20 + 62)
    }

    @Test(.needsPack, arguments: useless(looks: 62))
    func `a camera that shows nothing is not told as a person who stays away`(
        step: PlayedCamera.Step, fault: CameraFault
    ) throws {
        let camera = PlayedCamera(Array(repeating: step, count: 2000))
        let trial = LightTrial(
            camera: camera, lights: WatchedLights(camera.time), pack: try ModelPack(folder: TestPack.folder),
            time: camera.time)
        var generator = SystemRandomNumberGenerator()
        #expect(throws: LightTrial.Failure.trial(.camera(fault))) { _ = try trial.run(using: &generator) }
        #expect(!camera.isOn && camera.deliveredCount == 62)
    }

    /// Aim looks at one of three frames.
    @Test(.needsPack, arguments: useless(looks: 22))
    func `a camera that shows nothing ends aim`(step: PlayedCamera.Step, fault: CameraFault) throws {
        let camera = PlayedCamera(Array(repeating: step, count: 2000))
        let loop = AimLoop(
            camera: camera, lights: WatchedLights(camera.time), pack: try ModelPack(folder: TestPack.folder),
            time: camera.time, stop: StopFlag())
        #expect(throws: AimLoop.Failure.camera(.camera(fault))) { try loop.run { _ in } }
        #expect(!camera.isOn && camera.deliveredCount == (step == .broken ? 62 : 64))
    }

    @Test(.needsPack) func `aim ends beside a lamp that went out`() throws {
        let lights = WatchedLights(camera.time, outAfter: .milliseconds(100))
        let loop = AimLoop(
            camera: camera, lights: lights, pack: try ModelPack(folder: TestPack.folder), time: camera.time,
            stop: StopFlag())
        let gone = AimLoop.Failure.camera(.lights(.chipMissing(chip: "counter")))
        #expect(throws: gone) { try loop.run { _ in } }
        #expect(!camera.isOn && camera.deliveredCount <= 4)
    }
}

/// Remembers what it showed when, and loses its chip after a while.
private final class WatchedLights: Lights {
    private let time: ManualTime
    private let end: Timestamp?
    private let shown = Mutex<[(state: LightState, time: Timestamp)]>([])

    init(_ time: ManualTime, outAfter: Duration? = nil) {
        self.time = time
        self.end = outAfter.map { time.now() + $0 }
    }

    var fixtures: LightState { .full }
    var changes: [(state: LightState, time: Timestamp)] { shown.withLock { $0 } }

    func check() throws(LightsFault) {
        if let end, time.now() >= end { throw .chipMissing(chip: "counter") }
    }

    func show(_ state: LightState) throws(LightsFault) { shown.withLock { $0.append((state, time.now())) } }
}
