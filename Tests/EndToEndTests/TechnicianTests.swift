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

    @Test func `in maintenance counters are refused, and the log tells it`() throws {
        let daemon = try RunningDaemon("device/scenarios/impostor.conf")
        let verify = ["--counter", daemon.socket, "verify", "--portrait", daemon.portrait]
        func technician(_ words: String...) throws -> Program.Ending {
            try portraitctl(["--service", daemon.service] + words)
        }
        #expect(try technician("lights").errors.contains("Begin it first: portraitctl maintenance on."))
        let begun = try technician("maintenance", "on")
        #expect(begun.status == 0 && begun.output == "Counters are refused. It ends by itself in 10 min.\n")
        let refused = try portraitctl(verify)
        #expect(refused.status == 69 && refused.errors.contains("NotReady: A technician works on the device."))
        let health = try portraitctl(["--counter", daemon.socket, "health"])
        #expect(health.status == 1 && health.output == "degraded maintenance\n")
        #expect(try technician("cameras", "pin").errors.contains("simulator is no camera on a cable"))
        #expect(try technician("cameras").output.hasSuffix("pinned: none; take the present one on with portraitctl cameras pin\n"))
        #expect(try technician("maintenance", "off").output == "Counters are served.\n")
        #expect(try portraitctl(verify).status == 3)
        let list = try technician("receipts", "list").output
        #expect(list.contains("maintenanceBegan") && list.contains("maintenanceEnded"))
        #expect(try technician("receipts", "verify").status == 0)
        #expect(daemon.log.contains("event: maintenance-began") && daemon.log.contains("event: maintenance-ended"))
    }

    @Test func `the counter's socket knows nothing of maintenance`() throws {
        let daemon = try RunningDaemon("device/scenarios/impostor.conf")
        let ending = try portraitctl(["--service", daemon.socket, "maintenance", "on"])
        #expect(ending.status == 70 && ending.errors.contains("InterfaceNotFound"))
    }

    @Test func `each lamp is lit, named, and dark in the end`() throws {
        let daemon = try RunningDaemon("device/scenarios/impostor.conf")
        _ = try portraitctl(["--service", daemon.service, "maintenance", "on"])
        let lights = try portraitctl(["--service", daemon.service, "--json", "lights"])
        let lamps = try lights.output.split(separator: "\n").map {
            try JSONDecoder().decode(Technician.LampOutput.self, from: Data($0.utf8)).lamp
        }
        #expect(lights.status == 0 && lamps == Technician.Lamp.allCases + [nil])
    }

    @Test func `state is watched until the daemon ends`() throws {
        var daemon: RunningDaemon? = try RunningDaemon("device/scenarios/camera-missing.conf")
        let (process, output) = (Process(), Pipe())
        process.executableURL = Repository.programs.appending(path: "portraitctl")
        process.arguments = ["--counter", daemon?.socket ?? "", "watch"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let first = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        #expect(first == "not ready · bad cameraUnavailable · 0 frames, 0 dropped · 0 verifications\n")
        daemon = nil
        process.waitUntilExit()
        #expect(process.terminationStatus == 70)
    }
}
