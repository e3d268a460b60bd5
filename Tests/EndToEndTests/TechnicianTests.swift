import Foundation
import Interface
import Support
import Testing

/// What a technician's commands say of the built daemon.
@Suite(.serialized, .needsPack) struct TechnicianTests {
    private func portraitctl(_ words: [String]) throws -> Program.Ending {
        try Program.run([Repository.programs.appending(path: "portraitctl").path] + words)
    }

    @Test(arguments: [
        ("device/scenarios/impostor.conf", Int32(0), "good\n"),
        ("device/scenarios/camera-missing.conf", 2, "bad cameraUnavailable\n"),
        ("device/scenarios/lamp-broken.conf", 2, "bad lightsUnavailable\n"),
    ]) func `health is a word and an exit status`(scenario: String, status: Int32, output: String) throws {
        let daemon = try RunningDaemon(scenario)
        let health = try portraitctl(["--counter", daemon.socket, "health"])
        #expect(health.status == status && health.output == output, "\(health.output)\(health.errors)")
        let json = try portraitctl(["--counter", daemon.socket, "--json", "health"])
        let told = try JSONDecoder().decode(Device.Health.self, from: Data(json.output.utf8))
        #expect(json.status == status && output.hasPrefix(told.level.rawValue))
    }

    @Test func `a camera that fails in a verification leaves the device degraded`() throws {
        let daemon = try RunningDaemon("device/scenarios/camera-unplugged.conf")
        let verify = try portraitctl(["--counter", daemon.socket, "verify", "--portrait", daemon.portrait])
        #expect(verify.status == 4, "\(verify.errors)")
        let health = try portraitctl(["--counter", daemon.socket, "health"])
        #expect(health.status == 1 && health.output == "degraded lastVerificationFailed\n", "\(health.output)")
    }
}
