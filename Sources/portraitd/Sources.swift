import Evidence
import Faces
import Frames
import Platform
import Ports
import Recording
import Rendering
import Service
import Simulator
import V4L2Camera

/// Where the frames come from.
enum SourceChoice {
    case camera(path: String)
    case recording(path: String)
    case simulate(Scenario)

    init(_ word: String, _ value: String) throws(StartFault) {
        switch word {
        case "--camera": self = .camera(path: value)
        case "--recording": self = .recording(path: value)
        default:
            guard let scenario = Scenario(rawValue: value) else {
                throw .usage("\(value) is no scenario; there are \(simulatedScenarios)")
            }
            self = .simulate(scenario)
        }
    }
}

let simulatedScenarios = Scenario.allCases.map(\.rawValue).joined(separator: ", ")

/// Chooses the adapters.
func makeEquipment(
    _ source: SourceChoice, pack: Result<ModelPack, PackFault>, evidence: Result<EvidenceKeeper, EvidenceFault>,
    folder: String, seed: UInt64
) throws -> Equipment {
    let time = MonotonicClock()
    let program = try ProgramDigest()
    let firmware: @Sendable () -> Digest? = { program.value }
    switch source {
    case .camera(let path):
        let profile = V4L2CameraProfile(
            path: path, expected: nil, pixelFormats: [.motionJPEG, .yuyv, .nv12, .grey], width: 1280, height: 720,
            frameInterval: .nanoseconds(33_333_333), controls: [], allowsConversion: false)
        return Equipment(
            camera: V4L2Camera(profile: profile, time: time), lights: NoLights(), time: time, pack: pack,
            evidence: evidence, firmware: firmware, simulated: [])
    case .recording(let path):
        // A byte for each pixel is more than a camera's JPEG has; four buffers of this size stay in memory.
        let camera = RecordingCamera(
            path: path, frameInterval: .nanoseconds(33_333_333), time: time, maximumFrameByteCount: 1280 * 720)
        return Equipment(
            camera: camera, lights: NoLights(), time: time, pack: pack,
            evidence: evidence, firmware: firmware, simulated: ["camera"])
    case .simulate(let scenario):
        var setup = CounterSetup(seed: seed)
        setup.scenario = scenario
        let portrait = try Portrait.astronaut(pack: folder)
        let counter = SimulatedCounter(setup, portrait: portrait, time: time)
        return Equipment(
            camera: counter.camera, lights: counter.lights, prompts: counter.prompts, time: time, pack: pack,
            evidence: evidence, firmware: firmware, simulated: ["person", "camera", "lights"])
    }
}
