import Evidence
import Foundation
import Interface
import Ports
import Session
import Simulator
import Support
import Synchronization
import Testing
import Varlink

/// The way of a new device, from its camera to what the backend must know.
@Suite(.serialized, .needsPack) struct CommissionTests {
    private func commission(_ daemon: RunningDaemon, _ words: [String] = [], input: String = "") throws
        -> Program.Ending
    {
        let program = Repository.programs.appending(path: "portraitctl").path
        return try Program.run([program, "--service", daemon.service, "commission"] + words, input: input)
    }

    private static let lampCount = Technician.Lamp.allCases.count
    private static let yesToAll = String(repeating: "y\n", count: lampCount)

    private struct Told: Decodable, Equatable {
        struct Key: Decodable, Equatable { var kty, crv, x, kid: String }
        var device: String
        var key: Key
    }

    @Test func `a technician is led from the camera to the identity, once`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let file = daemon.folder.appending(path: "identity.json")
        let first = try commission(daemon, ["--output", file.path], input: Self.yesToAll + "s\n")
        #expect(first.status == 0 && first.output == "", "\(first.errors)")
        #expect(first.errors.contains("light: not calibrated; do it later with portraitctl lights calibrate"))
        #expect(first.errors.hasPrefix("camera: none on a cable, nothing to take on\nlamp privacyLamp: is it lit?"))
        #expect(first.errors.matches(of: /is it lit\?/).count == Self.lampCount)
        #expect(first.errors.contains("✓ illuminators: ") && first.errors.contains("exposure: "))
        let text = try Data(contentsOf: file)
        let told = try JSONDecoder().decode(Told.self, from: text)
        #expect(told.key.crv == "Ed25519" && !told.device.isEmpty)

        let second = try commission(daemon)
        #expect(second.status == 0 && !second.errors.contains("is it lit?"), "\(second.errors)")
        #expect(second.errors.matches(of: /seen lit before/).count == Self.lampCount)
        #expect(second.errors.contains("key: made before") && Data(second.output.utf8) == text)

        let program = Repository.programs.appending(path: "portraitctl").path
        let health = try Program.run([program, "--counter", daemon.socket, "health"])
        #expect(health.output == "good\n", "maintenance goes on")
        let identity = try Program.run([program, "--counter", daemon.socket, "identity"])
        #expect(identity.output.hasPrefix("device: \(told.device)\n"))
    }

    @Test func `a new device takes its camera on before it has a key, and its log begins with that`() throws {
        let counter = try CounterHarness(CounterSetup(.willing, seed: 1), cable: CableCamera())
        try counter.work("SetMaintenance", #"{"isOn":true}"#)
        let pin = try counter.work("PinCamera")
        #expect(pin.error == nil, "\(String(decoding: pin.parameters, as: UTF8.self))")
        #expect(try counter.work("Commission").error == nil)
        let log = try WireCoding.decode(Technician.ReadLogOutput.self, from: counter.work("ReadLog").parameters)
        let first = Array(try #require(log.records.first).utf8)
        var reader = JSONWebSignatureReader()
        _ = reader.readUnchecked(first.span)
        let claims = Statement<CheckpointClaims>(json: reader.claims)?.content
        #expect(claims?.reason == .commissioned && claims?.book == .device && claims?.camera == CableCamera.identity)
    }

    @Test func `without answers nothing is taken for seen`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let silent = try commission(daemon)
        #expect(silent.status == 65 && silent.errors.contains("Nobody answered. Run it at a terminal"))
        let dark = try commission(daemon, input: "Yes\nwhat?\nno\n")
        #expect(dark.status == 2 && dark.errors.contains("lamp left: is it lit?"), "\(dark.errors)")
        #expect(dark.errors.contains("Check the lamp's wiring") && !dark.errors.contains("lamp right"))
        #expect(!FileManager.default.fileExists(atPath: "\(daemon.state)/device.key"))
        let again = try commission(daemon, input: "n\n")
        #expect(again.errors.contains("lamp privacyLamp: seen lit before\nlamp left: is it lit?"), "\(again.errors)")
    }

    @Test func `a lamp that cannot be lit ends it before anything is asked`() throws {
        let daemon = try RunningDaemon("device/scenarios/lamp-broken.conf")
        let ending = try commission(daemon, input: Self.yesToAll)
        #expect(ending.status == 69 && !ending.errors.contains("is it lit?"), "\(ending.errors)")
    }

    @Test func `illuminators are calibrated once, in maintenance`() throws {
        var setup = CounterSetup(.still, seed: 3)
        setup.illuminatorShare = 0.35
        let counter = try CounterHarness(setup)
        #expect(try counter.work("CalibrateLights").error == "org.varlink.service.ExpectedMore")
        var refused = try counter.beginWork("CalibrateLights")
        #expect(try refused.receive(within: .seconds(30)).error == "io.portraitd.Service.NotPossible")
        try counter.work("SetMaintenance", #"{"isOn":true}"#)
        var client = try counter.beginWork("CalibrateLights")
        let found = try client.receive(within: .seconds(120))
        let told = try WireCoding.decode(Technician.LightCalibrationOutput.self, from: found.parameters).calibration
        #expect(try found.continues && !client.receive(within: .seconds(30)).continues)
        let done = try WireCoding.decode(
            Technician.CommissioningOutput.self, from: counter.work("GetCommissioning").parameters)
        #expect(told != nil && done.commissioning.light == told)
        #expect(counter.counter.lightState == .dark)
        #expect(FileManager.default.fileExists(atPath: "\(counter.state)/light"))
    }

    @Test func `a calibrated device calls what hardly brightens an attack`() throws {
        let state = NSTemporaryDirectory() + "state-\(UUID().uuidString)"
        // It says that heads brighten by far more than the illuminators of this counter can do.
        try DeviceState(path: state).keep(
            LightCalibration(
                delayMilliseconds: 0, left: 0.2, right: 0.2, front: 0.2, faceWidth: 0.2,
                exposure: HeldExposure(time: 160, gain: nil)))
        var setup = CounterSetup(.willing, seed: 3)
        setup.illuminatorShare = 0.02
        let counter = try CounterHarness(setup, state: state)
        var client = try counter.beginVerify(counter.documentPortrait())
        let outcome = try CounterHarness.outcome(CounterHarness.follow(&client).last)
        #expect(outcome.verdict == .attackSuspected && outcome.layers.light == .failed, "\(outcome)")
    }

    @Test func `a named lamp is lit until its caller leaves or maintenance ends`() throws {
        let counter = try CounterHarness()
        let refused = try counter.work("ConfirmLamp", #"{"lamp":"left"}"#)
        #expect(refused.error == "io.portraitd.Service.NotPossible", "without maintenance")
        #expect(try counter.work("Commission").error == "io.portraitd.Service.NotPossible", "without maintenance")
        try counter.work("SetMaintenance", #"{"isOn":true}"#)
        do {
            var client = try counter.beginWork("TestLights", #"{"lamp":"left"}"#)
            #expect(try client.receive(within: .seconds(30)).continues)
            #expect(counter.counter.lightState == LightState(privacyLamp: false, illuminators: .left))
        }
        try wait { counter.counter.lightState.illuminators == [] }
        var client = try counter.beginWork("TestLights", #"{"lamp":"right"}"#)
        _ = try client.receive(within: .seconds(30))
        try counter.work("SetMaintenance", #"{"isOn":false}"#)
        #expect(try client.receive(within: .seconds(30)).error == "io.portraitd.Service.NotPossible")
        #expect(counter.counter.lightState.illuminators == [])
    }
}

/// A camera with a sensor, which is known once it was asked; nobody switches it on.
private final class CableCamera: Camera, CameraBench {
    static let identity = CameraIdentity(vendor: "1a2b", product: "0042", serial: "A7")
    let name = "cable"
    let maximumFrameByteCount = 1
    let frameInterval = Duration.milliseconds(33)
    private let isMet = Atomic(false)

    var provenSource: CaptureSource? { isMet.load(ordering: .acquiring) ? .camera : nil }
    var source: CaptureSource { provenSource ?? .virtual }
    func check() throws(CameraFault) { isMet.store(true, ordering: .releasing) }
    func startStreaming() throws(CameraFault) -> any CameraStream { throw .missing(name: name) }
    func cameras() -> [CameraDescription] { [] }
    func identify() throws(CameraFault) -> CameraIdentity { Self.identity }
    func pin(_ identity: CameraIdentity?) {}
}
