import Foundation
import Interface
import Platform
import Support
import Testing
import Varlink

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
        #expect(
            try technician("cameras").output.hasSuffix(
                "pinned: none; take the present one on with portraitctl cameras pin\n"))
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
        #expect(process.terminationStatus == 69)
    }

    private struct Told: Decodable {
        struct Report: Decodable {
            var checks: [Technician.Check]
            var records: [String: Int]
        }

        var report: Report
        var sha256: String
    }

    @Test func `the doctor sees each light and every part`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let doctor = try portraitctl(["--service", daemon.service, "--json", "doctor"])
        let checks = try doctor.output.split(separator: "\n").map {
            try JSONDecoder().decode(Technician.Check.self, from: Data($0.utf8))
        }
        // A slow machine draws the simulated frames too late.
        let failed = checks.filter { $0.result == .fail && $0.name != "frames" && $0.name != "frameRate" }
        #expect(failed == [], "\(doctor.errors)")
        let names: Set = [
            "node", "identity", "bus", "linkSpeed", "focus", "formats", "lights", "evidence", "disk", "memory",
            "temperature", "clock", "sandbox", "thresholds", "version", "frameRate", "frames", "exposure",
            "illuminators", "calibration", "pack", "inference", "log",
        ]
        #expect(Set(checks.map(\.name)) == names && checks.count == names.count)
        #expect(checks.first { $0.name == "thresholds" }?.result == .pass)
        #expect(checks.allSatisfy { !$0.seen.isEmpty && !$0.meaning.isEmpty })
        #expect(try portraitctl(["--counter", daemon.socket, "health"]).output == "good\n", "maintenance goes on")
    }

    @Test func `a daemon that does not answer is looked for in the service manager`() throws {
        let path = NSTemporaryDirectory() + "silent-\(UUID().uuidString).sock"
        let listener = try UnixSocket.listen(at: path, mode: 0o600)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let status = try portraitctl(["--counter", path, "status"])
        #expect(status.status == 69 && status.errors.contains("See systemctl status portraitd"), "\(status.errors)")
        _ = consume listener
    }

    @Test func `a log that the daemon cannot read is none of the technician's mistakes`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let words = ["--service", daemon.service, "receipts", "list"]
        #expect(try portraitctl(words).status == 0)
        try FileManager.default.createDirectory(
            atPath: "\(daemon.state)/rehearsal/999999999999.log", withIntermediateDirectories: false)
        let list = try portraitctl(words)
        #expect(list.status == 69 && list.errors.hasPrefix("LogUnreadable: "), "\(list.errors)")
    }

    @Test(arguments: [("yes", Technician.CheckResult.warning), ("tried", .unknown)])
    func `the doctor tells that a policy demands light and there is none`(
        light: String, result: Technician.CheckResult
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (rules, film) = (folder.appending(path: "p.conf"), folder.appending(path: "film.mjpeg"))
        try Data("[Policy default]\nLight=\(light)\n".utf8).write(to: rules)
        let frame = try RunningDaemon.documentPortrait().withBytes { unsafe $0.withUnsafeBytes { unsafe Data($0) } }
        try Data((0..<90).map { _ in frame }.joined()).write(to: film)
        let daemon = try RunningDaemon(source: ["--recording", film.path], arguments: ["--configuration", rules.path])
        let doctor = try portraitctl(["--service", daemon.service, "--json", "doctor"])
        let checks = try doctor.output.split(separator: "\n").map {
            try JSONDecoder().decode(Technician.Check.self, from: Data($0.utf8))
        }
        #expect(checks.first { $0.name == "illuminators" }?.result == result, "\(doctor.output)")
    }

    @Test func `the doctor ends with the worst that it found`() throws {
        let daemon = try RunningDaemon("device/scenarios/camera-missing.conf")
        let doctor = try portraitctl(["--service", daemon.service, "doctor"])
        #expect(doctor.status == 2 && doctor.output.contains("✗ node: No camera answers at simulator."))
        #expect(doctor.output.contains("✗ frameRate: No camera answers at simulator."))
    }

    @Test func `a report holds its own checksum, and nothing of any person or sale`() throws {
        let daemon = try RunningDaemon("device/scenarios/impostor.conf")
        #expect(try portraitctl(["--counter", daemon.socket, "verify", "--portrait", daemon.portrait]).status == 3)
        let path = daemon.folder.appending(path: "report.json").path
        let first = try portraitctl(["--service", daemon.service, "report", path])
        #expect(first.status == 0, "\(first.errors)")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let told = try JSONDecoder().decode(Told.self, from: Data(text.utf8))
        #expect(text.utf8.count <= 1 << 20 && told.report.checks.count == 23)
        #expect(told.report.records["notMatched"] == 1 && told.report.records["maintenanceBegan"] == 1)
        let body = text.dropFirst(#"{"report":"#.utf8.count).prefix { $0 != "\n" }
        let content = body.prefix(body.count - #","sha256":"""#.utf8.count - 1 - told.sha256.count)
        #expect(Digest(of: Array(content.utf8)).description == told.sha256)
        for word in ["portraitctl-", "nonce", "consent", "\"kty\":\"OKP\",\"d\""] { #expect(!text.contains(word)) }
        let again = try portraitctl(["--service", daemon.service, "report", path])
        #expect(again.status == 65 && again.errors.contains("Name a file that does not exist yet."))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    private func view(_ reply: Reply) throws -> Technician.View {
        #expect(reply.error == nil)
        return try #require(try WireCoding.decode(Technician.ViewOutput.self, from: reply.parameters).view)
    }

    @Test func `who aims sees the counter, and no face`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        _ = try portraitctl(["--service", daemon.service, "maintenance", "on"])
        var client = try VarlinkClient(connecting: daemon.service)
        try client.send("io.portraitd.Service.Aim", more: true, within: .seconds(5))
        var looks = 0
        for _ in 0..<60 where looks < 10 {
            let view = try view(try client.receive(within: .seconds(60)))
            let points = try #require(Base64URL.decode(view.points))
            #expect(view.columns <= 96 && view.rows <= 54 && points.count == view.columns * view.rows)
            #expect(Set(points).count > 20, "the room is covered as well")
            guard let face = view.face else { continue }
            looks += 1
            let columns = Int(face.x * Double(view.columns))...Int((face.x + face.width) * Double(view.columns))
            let rows = Int(face.y * Double(view.rows))...Int((face.y + face.height) * Double(view.rows))
            let tones = Set(rows.flatMap { row in columns.map { points[row * view.columns + $0] } })
            #expect(tones.count == 1, "the face is seen: \(tones.sorted())")
        }
        #expect(looks == 10)
        let holdings = try portraitctl(["--counter", daemon.socket, "privacy"])
        #expect(holdings.output.contains("frames: "))
    }

    @Test func `aim draws on a terminal only, and ends with the maintenance`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        #expect(try portraitctl(["--service", daemon.service, "aim"]).status == 64)
        var client = try VarlinkClient(connecting: daemon.service)
        try client.send("io.portraitd.Service.Aim", more: true, within: .seconds(5))
        #expect(try client.receive(within: .seconds(5)).error == "io.portraitd.Service.NotPossible")
        _ = try portraitctl(["--service", daemon.service, "maintenance", "on"])
        try client.send("io.portraitd.Service.Aim", more: true, within: .seconds(5))
        _ = try client.receive(within: .seconds(60))
        _ = try portraitctl(["--service", daemon.service, "maintenance", "off"])
        var last = try client.receive(within: .seconds(60))
        while last.continues { last = try client.receive(within: .seconds(60)) }
        #expect(last.error == "io.portraitd.Service.NotPossible")
        #expect(String(decoding: last.parameters, as: UTF8.self).contains("The maintenance has ended."))
    }
}
