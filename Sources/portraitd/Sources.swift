import Evidence
import Faces
import Frames
import GPIOLights
import Platform
import Ports
import Recording
import Rendering
import Service
import Settings
import Simulator
import V4L2Camera
import Workshop

/// Where the frames come from.
enum SourceChoice {
    case camera(path: String)
    case board(path: String)
    case recording(path: String)
    case simulate(Simulation)

    init(_ word: String, _ value: String) throws(StartFault) {
        switch word {
        case "--camera": self = .camera(path: value)
        case "--board": self = .board(path: value)
        case "--recording": self = .recording(path: value)
        default: self = .simulate(try Simulation(value))
        }
    }
}

/// What is simulated: a scenario by its word, or one that a file describes.
enum Simulation {
    case scenario(Scenario)
    case file(path: String)

    /// A file is named by a path, or by a name that ends in `.conf`.
    init(_ text: String) throws(StartFault) {
        if let scenario = Scenario(rawValue: text) {
            self = .scenario(scenario)
        } else if text.contains("/") || text.hasSuffix(".conf") {
            self = .file(path: text)
        } else {
            throw .usage("\(text) is no scenario; there are \(simulatedScenarios), and files FILE.conf")
        }
    }

    /// Equal simulations behave equally; `seed` overrides the file's.
    func setup(seed: UInt64?) throws(SettingsFaults) -> CounterSetup {
        switch self {
        case .scenario(let scenario): return CounterSetup(scenario, seed: seed ?? 0)
        case .file(let path):
            let file: SettingsFile
            do throws(Errno) { file = try SettingsFile(reading: path) } catch {
                throw SettingsFaults([.unreadable(path, error)])
            }
            var setup = try CounterSetup(file)
            if let seed { setup.seed = seed }
            return setup
        }
    }
}

let simulatedScenarios = Scenario.allCases.map(\.rawValue).joined(separator: ", ")

/// Chooses the adapters; another till comes along where the scenario asks for it.
func makeEquipment(
    _ source: SourceChoice, pack: Result<ModelPack, PackFault>, evidence: Result<EvidenceKeeper, EvidenceFault>,
    folder: String, seed: UInt64?
) throws -> (Equipment, OtherTill?) {
    let time = MonotonicClock()
    let program = try ProgramDigest()
    let firmware: @Sendable () -> Digest? = { program.value }
    switch source {
    case .camera(let path):
        let camera = V4L2Camera(profile: .standard(path: path), time: time)
        var equipment = Equipment(
            camera: camera, lights: NoLights(), time: time, pack: pack, evidence: evidence, firmware: firmware,
            simulated: [])
        equipment.bench = camera
        equipment.watch = watch([path])
        return (equipment, nil)
    case .board(let path):
        let board = try Board(path: path)
        let camera = V4L2Camera(profile: board.camera, time: time)
        var equipment = Equipment(
            camera: camera, lights: GPIOLights(profile: board.lights), time: time, pack: pack, evidence: evidence,
            firmware: firmware, simulated: [])
        equipment.signals = board.signals
        equipment.bench = camera
        // A chip that is named by its label may come as any.
        let chip = board.lights.chip
        equipment.watch = watch([board.camera.path, chip.hasPrefix("/") ? chip : "/dev/gpiochip*"])
        return (equipment, nil)
    case .recording(let path):
        // A byte for each pixel is more than a camera's JPEG has; four buffers of this size stay in memory.
        let camera = RecordingCamera(
            path: path, frameInterval: .nanoseconds(33_333_333), time: time, maximumFrameByteCount: 1280 * 720)
        let equipment = Equipment(
            camera: camera, lights: NoLights(), time: time, pack: pack,
            evidence: evidence, firmware: firmware, simulated: ["camera"])
        return (equipment, nil)
    case .simulate(let simulation):
        let setup = try simulation.setup(seed: seed)
        let portrait = try Portrait.astronaut(pack: folder)
        let counter = SimulatedCounter(setup, portrait: portrait, time: time)
        var equipment = Equipment(
            camera: counter.camera, lights: counter.lights, prompts: counter.prompts, time: time, pack: pack,
            evidence: evidence, firmware: firmware, simulated: ["person", "camera", "lights"])
        equipment.randomness = counter.randomness
        equipment.signals = .standard
        return (equipment, setup.otherTillTime == .zero ? nil : OtherTill(setup, portrait: portrait))
    }
}

/// Without it, what comes or goes is found at the next look.
private func watch(_ paths: [String]) -> (any DeviceWatch)? {
    do throws(Errno) { return try PathWatch(paths) } catch {
        Log.write(.warning, "event: devices-unwatched, problem: \(error)")
        return nil
    }
}
