import Configuration
import Evidence
import Faces
import Foundation
import Frames
import Interface
import Platform
import Ports
import Rendering
import Service
import Simulator
import Support
import Synchronization
import Testing
import Varlink
import Workshop

/// A whole counter in this process: the service behind its socket, a simulated person before a camera whose
/// clock moves only with the frames that were read.
final class CounterHarness {
    let path: String
    /// The state folder.
    let state: String
    /// Leaves the state folder to the next one.
    var keepsState = false
    let counter: SimulatedCounter
    let setup: CounterSetup
    private let portrait: Portrait
    private let waker: Waker
    private let plug: Plug
    private var thread: WorkerThread?

    convenience init(
        _ scenario: Scenario = .willing, seed: UInt64 = 1000, mark: FrameMark? = nil,
        configuration: Configuration = Configuration(), commissioned: Bool = false, state kept: String? = nil
    ) throws {
        try self.init(
            CounterSetup(scenario, seed: seed), mark: mark, configuration: configuration, commissioned: commissioned,
            state: kept)
    }

    init(
        _ setup: CounterSetup, mark: FrameMark? = nil, configuration: Configuration = Configuration(),
        commissioned: Bool = false, state kept: String? = nil, signals: SignalPatterns = SignalPatterns([:]),
        cable: (any Camera & CameraBench)? = nil,
        clock: any WallClock = SystemWallClock()
    ) throws {
        let path = NSTemporaryDirectory() + "counter-\(UUID().uuidString).sock"
        let state = kept ?? path + ".state"
        self.path = path
        self.state = state
        if commissioned { _ = try DeviceState(path: state).commission() }
        let time = ManualTime()
        let turns = try Turns()
        let portrait = try Portrait.astronaut(pack: TestPack.folder)
        let counter = SimulatedCounter(setup, portrait: portrait, time: time)
        let plug = Plug(waker: try Waker())
        var equipment = Equipment(
            camera: LockstepCamera(real: counter.camera, turns: turns, mark: mark, plug: plug),
            lights: counter.lights,
            prompts: counter.prompts, time: time, pack: .success(try ModelPack(folder: TestPack.folder)),
            evidence: .success(
                try EvidenceKeeper(.init(path: state, credential: nil, limits: LogLimits(), clock: clock))),
            firmware: { Digest(of: [1, 2, 3]) }, simulated: ["person"])
        equipment.randomness = counter.randomness
        equipment.watch = plug
        equipment.signals = signals
        if let cable { (equipment.camera, equipment.bench) = (cable, cable) }
        let stop = try Waker()
        let listener = Handover(try UnixSocket.listen(at: path, mode: 0o600))
        let body: @Sendable () -> Void = { [equipment] in
            do { try Self.serve(equipment, configuration, listener, stop, turns) } catch {
                Issue.record("the counter cannot be served: \(error)")
            }
        }
        self.setup = setup
        self.portrait = portrait
        self.counter = counter
        self.waker = stop
        self.plug = plug
        self.thread = try WorkerThread(name: "test-counter", body)
    }

    /// Pulls the camera's plug, or puts it in.
    func plug(_ isIn: Bool) { plug.put(isIn) }

    /// Ends the service and waits for it.
    func stop() {
        waker.wake()
        thread = nil
    }

    deinit {
        stop()
        _ = unsafe unlink(path)
        if !keepsState { try? FileManager.default.removeItem(atPath: state) }
    }

    private static func serve(
        _ equipment: Equipment, _ configuration: Configuration, _ listener: Handover, _ stop: Waker,
        _ turns: Turns
    ) throws {
        let loop = try EventLoop()
        let service = try CounterService(loop: loop, equipment: equipment, configuration: configuration)
        let server = try service.makeServer(forTechnicians: true)
        if let socket = listener.socket.take() { try server.serve(socket) }
        let turnsWatch = try turns.attach(to: loop)
        defer {
            loop.unwatch(turnsWatch)
            turns.end()
        }
        let watch = try stop.attach(to: loop) { service.stop { loop.stop() } }
        try loop.run()
        loop.unwatch(watch)
        server.close()
    }

    /// The portrait on the person's document; `mark` is planted in a comment segment, complemented.
    func documentPortrait(markComplement mark: [UInt8] = []) -> SecureBytes {
        let jpeg = IDPortrait.jpeg(of: setup.person, in: portrait, seed: setup.seed)
        return mark.isEmpty ? jpeg : inserting(mark, into: jpeg)
    }

    static let request = Counter.Request(
        transaction: "t-1", nonce: "AAAAAAAAAAAAAAAAAAAAAA", purpose: "test",
        consent: .init(noticeVersion: "1", givenAt: "2026-01-01T00:00:00Z", method: .onScreen))

    /// Opens a connection and sends a verification on it.
    func beginVerify(
        _ portrait: borrowing SecureBytes, request: Counter.Request = CounterHarness.request, more: Bool = true
    ) throws -> VarlinkClient {
        try Self.beginVerify(at: path, portrait, request: request, more: more)
    }

    static func beginVerify(
        at path: String, _ portrait: borrowing SecureBytes, request: Counter.Request = CounterHarness.request,
        more: Bool = true
    ) throws -> VarlinkClient {
        let parameters = String(decoding: WireCoding.encode(Counter.VerifyInput(request: request)), as: UTF8.self)
        var client = try VarlinkClient(connecting: path)
        let message = secretCall(
            "io.portraitd.Counter.Verify", parameters: parameters, name: "portrait", secret: portrait, more: more)
        if let message { try client.send(message: message, within: .seconds(30)) }
        return client
    }

    func status() throws -> Device.Status { try Self.status(at: path) }

    static func status(at path: String) throws -> Device.Status {
        try ask("GetStatus", Device.StatusOutput.self, at: path).status
    }

    /// Asks a method of `io.portraitd.Device`.
    func ask<Output: Codable>(_ method: String, _ type: Output.Type) throws -> Output {
        try Self.ask(method, type, at: path)
    }

    private static func ask<Output: Codable>(_ method: String, _ type: Output.Type, at path: String) throws -> Output {
        var client = try VarlinkClient(connecting: path)
        try client.send("io.portraitd.Device.\(method)", within: .seconds(30))
        return try WireCoding.decode(type, from: try client.receive(within: .seconds(30)).parameters)
    }

    /// Opens a connection and begins a method of `io.portraitd.Service` on it.
    func beginWork(_ method: String, _ parameters: String = "{}", more: Bool = true) throws -> VarlinkClient {
        var client = try VarlinkClient(connecting: path)
        try client.send("io.portraitd.Service.\(method)", parameters, more: more, within: .seconds(30))
        return client
    }

    /// Does a method of `io.portraitd.Service` that answers once.
    @discardableResult
    func work(_ method: String, _ parameters: String = "{}") throws -> Reply {
        var client = try beginWork(method, parameters, more: false)
        return try client.receive(within: .seconds(30))
    }

    /// Waits until the service has nothing to do any more.
    func waitUntilIdle() throws {
        try wait { try !status().isBusy }
    }
}

extension CounterHarness {
    static let patience = Duration.seconds(120)

    /// Reads answers until the outcome, an error, or `enough` says so.
    static func follow(
        _ client: inout VarlinkClient, until enough: (Counter.Progress) -> Bool = { _ in false }
    ) throws -> (progress: [Counter.Progress], last: Reply) {
        var progress: [Counter.Progress] = []
        while true {
            let reply = try client.receive(within: patience)
            if reply.error != nil || !reply.continues { return (progress, reply) }
            let output = try WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters)
            if let moment = output.progress {
                progress.append(moment)
                if enough(moment) { return (progress, reply) }
            }
        }
    }

    static func outcome(_ reply: Reply) throws -> Counter.Outcome {
        #expect(reply.error == nil)
        return try #require(try WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters).outcome)
    }
}

final class Handover: @unchecked Sendable {
    var socket: OwnedDescriptor?
    init(_ socket: consuming OwnedDescriptor) { self.socket = consume socket }
}

/// Puts a comment segment with the complement of `complement` behind the start of a JPEG file.
func inserting(_ complement: [UInt8], into jpeg: borrowing SecureBytes) -> SecureBytes {
    let head: [UInt8] = [0xFF, 0xD8, 0xFF, 0xFE, 0, UInt8(complement.count + 2)]
    var marked = SecureBytes(count: jpeg.count + head.count - 2 + complement.count, holding: .frames)
    marked.withMutableBytes { output in
        jpeg.withBytes { input in
            for (index, byte) in head.enumerated() { output.storeBytes(of: byte, toByteOffset: index, as: UInt8.self) }
            for (index, byte) in complement.enumerated() {
                output.storeBytes(of: ~byte, toByteOffset: head.count + index, as: UInt8.self)
            }
            for index in 2..<input.byteCount {
                let byte = unsafe input.unsafeLoad(fromByteOffset: index, as: UInt8.self)
                output.storeBytes(of: byte, toByteOffset: head.count + complement.count + index - 2, as: UInt8.self)
            }
        }
    }
    return marked
}
