import Configuration
import Evidence
import Faces
import Foundation
import Glibc
import Interface
import Platform
import Ports
import Support
import Testing
import Varlink
import Workshop

@testable import Service

/// What callers of the served interfaces hear.
@Suite final class CallTests {
    private let camera = PlayedCamera()
    private let service: CounterService
    private let server: VarlinkServer
    private let path = NSTemporaryDirectory() + "calls-\(UUID().uuidString)"

    init() throws {
        let keeper = try EvidenceKeeper(
            .init(path: path + ".state", credential: nil, limits: LogLimits(), clock: SystemWallClock()))
        let equipment = Equipment(
            camera: camera, lights: PlayedLights(), time: camera.time,
            pack: .failure(.unusable(file: "pack.json", detail: "none")), evidence: .success(keeper),
            firmware: { nil }, simulated: [])
        service = try CounterService(
            loop: try EventLoop(patientShare: 1), equipment: equipment, configuration: Configuration())
        server = try service.makeServer(forTechnicians: true)
        try server.serve(try UnixSocket.listen(at: path, mode: 0o600))
    }

    deinit {
        server.close()
        for path in [path, path + ".state", path + ".key"] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Returns when the service has looked at the call.
    private func begin(_ method: String, _ parameters: String = "{}", more: Bool = false) throws -> VarlinkClient {
        var client = try VarlinkClient(connecting: path)
        try client.send("io.portraitd.\(method)", parameters, more: more, within: .seconds(5))
        for _ in 0..<10 { try turn() }
        return client
    }

    private func answer(_ method: String, _ parameters: String = "{}") throws -> Reply {
        var client = try begin(method, parameters)
        return try client.receive(within: .seconds(5))
    }

    private func turn() throws {
        service.loop.postpone { [service] in service.loop.stop() }
        try service.loop.run()
    }

    @Test func `every method of the texts is answered`() throws {
        var count = 0
        for interface in try InterfaceTexts.all() + [InterfaceTexts.serviceOnly()] {
            for method in interface.methods {
                let name = "\(interface.name.dropFirst("io.portraitd.".count)).\(method.name)"
                #expect(try answer(name).error != "org.varlink.service.MethodNotImplemented", "\(name)")
                count += 1
            }
        }
        #expect(count == 15)
    }

    @Test func `who comes while a technician's work still ends hears of the technician`() throws {
        let gate = StopFlag()
        camera.gate = gate
        defer { gate.raise() }
        _ = try answer("Service.SetMaintenance", #"{"isOn":true}"#)
        let technician = try begin("Service.Examine", more: true)
        _ = try answer("Service.SetMaintenance", #"{"isOn":false}"#)
        #expect(service.maintenance.isWorking)
        let request = Counter.Request(
            transaction: "t", nonce: "AAAAAAAAAAAAAAAAAAAAAA", purpose: "test",
            consent: .init(noticeVersion: "1", givenAt: "2026-01-01T00:00:00Z", method: .onScreen))
        let input = String(decoding: WireCoding.encode(Counter.VerifyInput(request: request)), as: UTF8.self)
        let refusal = try answer("Counter.Verify", input.replacing(#""portrait":"""#, with: #""portrait":"QUFB""#))
        #expect(refusal.error == "io.portraitd.Counter.NotReady")
        #expect(String(decoding: refusal.parameters, as: UTF8.self).contains("A technician works on the device."))
        gate.raise()
        try wait {
            try turn()
            return !service.maintenance.isWorking
        }
        _ = consume technician
    }

    @Test func `a key that no template can be sealed to is told before somebody is verified`() throws {
        #expect(service.status().evidence.isReady)
        var configuration = Configuration()
        configuration.policies[0].templateKey = path + ".key"
        service.change(configuration)
        let status = service.status()
        #expect(!status.isReady && status.evidence.problem?.contains("\(path).key cannot be used") ?? false)
        #expect(status.health?.reasons.contains(.evidenceUnusable) ?? false)
        try Data("CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".utf8).write(to: URL(filePath: path + ".key"))
        #expect(service.status().evidence.isReady)
    }
}
