import Evidence
import Foundation
import Interface
import Platform
import Ports
import Testing

/// What `portraitctl` makes of answers that no simulated device gives.
@Suite struct PlayedDaemonTests {
    /// In maintenance, and with a version that steers a terminal.
    private static func status(isReady: Bool) -> [UInt8] {
        let part = Device.Part(name: "part", fault: nil)
        let status = Device.Status(
            isReady: isReady, isBusy: false, version: mark, uptimeMilliseconds: 1, camera: part, source: .camera,
            lights: part, pack: part, evidence: part, framesReceived: 0, framesDropped: 0, verifications: 0,
            lastFault: nil, simulated: [], isMemoryLocked: true, maintenanceMilliseconds: 1000)
        return WireCoding.encode(Device.StatusOutput(status: status))
    }

    private static let mark = "A7\u{9B}2J\u{202E}\u{E4}"
    private static let shown = #"A7\u009b2J\u202e"# + "\u{E4}"

    private static func check(_ name: String, _ result: Technician.CheckResult) -> [UInt8] {
        let check = Technician.Check(name: name, result: result, seen: mark, meaning: "It means.", remedy: "Do.")
        return WireCoding.encode(Technician.CheckOutput(check: check))
    }

    private func portraitctl(_ daemon: PlayedDaemon, _ words: [String]) throws -> Program.Ending {
        let ofCounter = ["status", "health", "watch", "identity", "privacy", "verify"]
        let option = ofCounter.contains(words.last ?? "") ? "--counter" : "--service"
        return try Program.run([Repository.programs.appending(path: "portraitctl").path, option, daemon.path] + words)
    }

    private static func commissioned(_ checks: [[UInt8]]) -> [String: [[UInt8]]] {
        let nothing = Technician.Commissioning(
            hasCable: false, camera: nil, lamps: [], seenLamps: [], device: nil, light: nil)
        let key = Device.PublicKey(JSONWebKey(SigningKey().publicKey))
        return [
            "GetStatus": [status(isReady: true)],
            "GetCommissioning": [WireCoding.encode(Technician.CommissioningOutput(commissioning: nothing))],
            "Examine": checks, "Commission": [WireCoding.encode(Technician.CommissionOutput(device: "d", key: key))],
        ]
    }

    @Test func `a camera that delivers no frames is not commissioned`() throws {
        let daemon = try PlayedDaemon(
            Self.commissioned([
                Self.check("node", .pass), Self.check("frameRate", .fail), Self.check("pack", .pass),
            ]))
        let ending = try portraitctl(daemon, ["commission"])
        #expect(ending.status == 2 && ending.errors.contains("✗ frameRate: "), "\(ending.errors)")
    }

    @Test(arguments: ["status", "verify", "doctor", "cameras"]) func `JSON steers no terminal`(command: String) throws {
        let daemon = try PlayedDaemon([
            "GetStatus": [Self.status(isReady: true)], "Examine": [Self.check("identity", .pass)],
            "ListCameras": [Self.cameras], "Verify": [Self.status(isReady: true)],
        ])
        let picture = ["--portrait", Repository.file("README.md").path]
        let ending = try portraitctl(daemon, ["--json"] + (command == "verify" ? picture : []) + [command])
        #expect(ending.output.contains(Self.shown), "\(ending.output)")
        let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
        #expect(object?.isEmpty == false)
    }

    @Test func `of a file that finds no room nothing is left`() throws {
        let daemon = try PlayedDaemon(Self.commissioned([Self.check("node", .pass)]))
        let file = NSTemporaryDirectory() + "identity-\(UUID().uuidString).json"
        let program = Repository.programs.appending(path: "portraitctl").path
        let full = ["/bin/sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]
        let words = [program, "--service", daemon.path, "--output", file, "commission"]
        let refused = try Program.run(full + words)
        #expect(refused.status == 65 && refused.errors.contains("there is room"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try Program.run(words).status == 0 && FileManager.default.fileExists(atPath: file))
        try FileManager.default.removeItem(atPath: file)
    }

    @Test func `a report is written also where the log cannot be read`() throws {
        let identity = Device.Identity(
            device: nil, key: nil, isRehearsal: false, version: "1", firmware: "f", models: "m", networks: [])
        let daemon = try PlayedDaemon([
            "GetStatus": [Self.status(isReady: false)], "Examine": [Self.check("evidence", .fail)],
            "GetIdentity": [WireCoding.encode(Device.IdentityOutput(identity: identity))],
            "ListCameras": [Self.cameras],
        ])
        let file = NSTemporaryDirectory() + "report-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let ending = try portraitctl(daemon, ["report", file])
        #expect(ending.status == 0, "\(ending.errors)")
        let sealed = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file))) as? [String: Any]
        let report = try #require(sealed?["report"] as? [String: Any])
        #expect((report["checks"] as? [Any])?.count == 1 && report["records"] == nil)
        #expect((report["recordsProblem"] as? String)?.hasPrefix("MethodNotImplemented: ") == true, "\(report)")
    }

    @Test(arguments: [
        "status", "health", "watch", "identity", "privacy", "verify", "cameras", "doctor", "receipts list",
    ])
    func `a senseless answer is called so`(command: String) throws {
        let methods = ["GetStatus", "GetIdentity", "GetHoldings", "Verify", "ListCameras", "ReadLog"]
        let daemon = try PlayedDaemon(
            Dictionary(uniqueKeysWithValues: methods.map { ($0, [Array(#"{"colour":"blue"}"#.utf8)]) }))
        let picture = command == "verify" ? ["--portrait", Repository.file("README.md").path] : []
        let ending = try portraitctl(daemon, picture + command.split(separator: " ").map(String.init))
        #expect(ending.status == 70, "\(ending.status)")
        #expect(ending.errors.contains("makes no sense. Compare the versions: portraitctl info."), "\(ending.errors)")
    }

    private static var cameras: [UInt8] {
        var camera = CameraDescription(node: "/dev/video0")
        camera.card = mark
        return WireCoding.encode(Technician.CamerasOutput(cameras: [Technician.Camera(camera)], pinned: nil))
    }

    @Test(arguments: [(true, 0), (false, 69)] as [(Bool, CInt)]) func `status tells readiness in JSON as well`(
        isReady: Bool, status: CInt
    ) throws {
        let daemon = try PlayedDaemon(["GetStatus": [Self.status(isReady: isReady)]])
        for words in [["status"], ["--json", "status"]] {
            let ending = try portraitctl(daemon, words)
            #expect(ending.status == status, "\(words): \(ending.errors)")
        }
    }
}
