import Evidence
import Foundation
import Interface
import Support
import Testing

/// `portraitctl receipts` with the daemon, and on the exported file without it.
@Suite(.serialized, .needsPack) struct ReceiptsCommandTests {
    private func portraitctl(_ words: [String]) throws -> Program.Ending {
        try Program.run([Repository.programs.appending(path: "portraitctl").path] + words)
    }

    @Test func `the log is listed, exported and checked, and a changed copy names its first bad record`() throws {
        let daemon = try RunningDaemon("device/scenarios/impostor.conf")
        let verify = try portraitctl(["--counter", daemon.socket, "verify", "--portrait", daemon.portrait])
        #expect(verify.status == 3, "\(verify.errors)")
        let list = try portraitctl(["--service", daemon.service, "receipts", "list"])
        #expect(list.output.contains("notMatched (nonMatch)  simulator"))
        let online = try portraitctl(["--service", daemon.service, "receipts", "verify"])
        #expect(online.status == 0 && online.output.contains("records 1 to 2, of which 1 receipts"))
        #expect(online.output.contains("end not anchored") && online.output.contains("proves nothing"))

        let export = try portraitctl(["--service", daemon.service, "receipts", "export"])
        let file = daemon.folder.appending(path: "export.log")
        try export.output.write(to: file, atomically: false, encoding: .utf8)
        let lines = export.output.split(separator: "\n").map(String.init)
        let head = Head(of: try #require(lines.last), sequence: 2)
        let anchored = ["--log", file.path, "--head", "2:\(head.hash)", "receipts", "verify"]
        let offline = try portraitctl(anchored)
        #expect(offline.status == 0 && !offline.output.contains("end not anchored"), "\(offline.output)")

        try (lines[0] + "\n").write(to: file, atomically: false, encoding: .utf8)
        let cut = try portraitctl(anchored)
        #expect(cut.status == 1 && cut.output.contains("ends at record 1, but the anchor is record 2"))
        let end = lines[1].hasSuffix("AA") ? "AQ\n" : "AA\n"
        try (lines[0] + "\n" + lines[1].dropLast(2) + end).write(to: file, atomically: false, encoding: .utf8)
        let changed = try portraitctl(["--log", file.path, "receipts", "verify"])
        #expect(changed.status == 1 && changed.output.contains("Record 2 is changed"))
    }

    @Test func `privacy and identity are told in words`() throws {
        let daemon = try RunningDaemon("device/scenarios/impostor.conf")
        let privacy = try portraitctl(["--counter", daemon.socket, "privacy"])
        #expect(privacy.output.hasPrefix("The device holds nothing of any face.\n"))
        #expect(privacy.output.contains("receipts: ") && privacy.output.contains("rehearsal"))
        let identity = try portraitctl(["--counter", daemon.socket, "identity"])
        #expect(identity.output.contains("device: not commissioned") && identity.output.contains("thrown away"))
    }

    @Test func `a device is commissioned, its key changed and destroyed`() throws {
        let state = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: state) }
        let first = try portraitctl(["--state", state, "commission"])
        #expect(first.status == 0 && first.output.contains(#""kty":"OKP""#), "\(first.errors)")
        let again = try portraitctl(["--state", state, "commission"])
        #expect(again.status == 0 && again.output == first.output && again.errors.contains("key: made before"))
        let file = "\(state)/identity.json"
        for words in ["written to", "before"] {
            let export = try portraitctl(["--state", state, "--output", file, "commission"])
            #expect(export.status == 0 && export.output == "" && export.errors.contains(words), "\(export.errors)")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == first.output)
        }
        try Data("mine".utf8).write(to: URL(filePath: file))
        let refused = try portraitctl(["--state", state, "--output", file, "commission"])
        #expect(refused.status == 65 && refused.errors.contains("Name a file that does not exist yet."))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        let rotated = try portraitctl(["--state", state, "rotate-key"])
        #expect(rotated.status == 0 && rotated.errors.contains("which the old one has announced"))
        #expect(rotated.output != first.output && rotated.output.contains(#""kty":"OKP""#))
        let audit = try portraitctl(["--log", "\(state)/log", "receipts", "verify"])
        #expect(audit.status == 0 && audit.output.contains("records 1 to 2"))
        #expect(try portraitctl(["--state", state, "decommission"]).status == 0)
        #expect(!FileManager.default.fileExists(atPath: "\(state)/device.key"))
    }

    @Test func `a configuration that is wrong is not taken on by a reload`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "portraitd-\(UUID().uuidString).conf")
        defer { try? FileManager.default.removeItem(at: file) }
        try "[Policy seated]\nLight=no\n".write(to: file, atomically: false, encoding: .utf8)
        let daemon = try RunningDaemon(
            "device/scenarios/impostor.conf", arguments: ["--configuration", file.path])
        func reload(_ text: String, until word: String) throws -> String {
            let before = daemon.log.count
            try text.write(to: file, atomically: false, encoding: .utf8)
            daemon.signal(SIGHUP)
            try wait { daemon.log.dropFirst(before).contains(word) }
            return String(daemon.log.dropFirst(before))
        }
        let refused = try reload("[Policy seated]\nLigth=no\n", until: "configuration-refused")
        #expect(refused.contains("Ligth") && refused.contains("Light"))
        let taken = try reload("[Policy standing]\n", until: "configuration-reloaded")
        #expect(!taken.contains("refused"))
    }
}
