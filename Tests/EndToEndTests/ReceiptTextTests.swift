import Evidence
import Foundation
import Platform
import Ports
import Testing

/// What `portraitctl receipts` prints of a log in which a POS had its say.
@Suite struct ReceiptTextTests {
    private static let transaction = "sale\n9  verified  camera  other\u{1B}[2J\u{9B}2J\u{2028}\u{202E}\u{E4}\u{E0041}"
    private static let shown =
        #"sale\u000a9  verified  camera  other\u001b[2J\u009b2J\u2028\u202e"# + "\u{E4}" + #"\udb40\udc41"#

    /// Runs a command on a log with one receipt, of which `change` makes another, without the last `cut` bytes.
    private func receipts(
        _ words: [String], to output: String? = nil, cut: Int = 0, isPiped: Bool = false,
        _ change: (String) -> String = { $0 }
    ) throws -> Program.Ending {
        let folder = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let state = try DeviceState(path: folder.path)
        _ = try state.commission()
        var log = try state.openLog(.device, credential: nil, limits: LogLimits(), clock: SystemWallClock())
        _ = try log.append(
            ReceiptClaims(
                transaction: Self.transaction, nonce: "n", purpose: "p",
                consent: .init(noticeVersion: "3", givenAt: "2027-01-15T08:00:00Z", method: "onScreen"),
                policy: .init(name: "default", digest: "p"), verdict: "notMatched", reasons: ["nonMatch"],
                challenge: [], layers: [:], source: .camera, thresholdSet: "t", portraitBinding: "b", models: "m",
                firmware: "f", retained: [], sealedTemplate: false, durationMilliseconds: 4200))
        let portraitctl = Repository.programs.appending(path: "portraitctl").path
        let records = try Program.run([portraitctl, "--log", state.logPath, "receipts", "export"]).output
            .split(separator: "\n")
        let file = folder.appending(path: "export.log")
        let text = String("\(records[0])\n\(change(String(records[1])))\n".dropLast(cut))
        try Data(text.utf8).write(to: file)
        let command = [portraitctl, "--log", isPiped ? "/dev/stdin" : file.path, "receipts"] + words
        return try Program.run(
            output.map { ["/bin/sh", "-c", "exec \"$@\" > \($0)", "sh"] + command } ?? command,
            input: isPiped ? text : "")
    }

    private func object(_ line: Substring) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func `a transaction forges no line and steers no terminal`() throws {
        let lines = try receipts(["list"]).output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines[1].hasPrefix("2  ") && lines[1].hasSuffix("  camera  \(Self.shown)"))
    }

    @Test func `a list in JSON has the claims of a record in each line`() throws {
        let output = try receipts(["list", "--json"]).output
        for mark: Unicode.Scalar in ["\u{1B}", "\u{9B}", "\u{2028}", "\u{202E}"] {
            #expect(!output.unicodeScalars.contains(mark))
        }
        let objects = try output.split(separator: "\n").map(object)
        #expect(objects.map { $0["sequence"] as? Int } == [1, 2])
        #expect(objects[0]["reason"] as? String == "commissioned")
        #expect(objects[1]["transaction"] as? String == Self.transaction)
        let broken = try receipts(["list", "--json"]) { _ in "no record" }.output.split(separator: "\n")
        #expect(try object(broken[1])["problem"] as? String == "not a record")
    }

    @Test func `a check in JSON is one object`() throws {
        let good = try receipts(["verify", "--json"])
        let log = try object(good.output.dropLast())
        #expect(good.status == 0 && log["isGood"] as? Bool == true && log["receiptCount"] as? Int == 1)
        #expect(log["isAnchored"] as? Bool == false && log["isKeyCompared"] as? Bool == false)
        #expect((log["head"] as? [String: Any])?["sequence"] as? Int == 2)
        let bad = try receipts(["verify", "--json"]) { record in
            let head = record.dropLast(10)
            return head.dropLast() + (head.last == "A" ? "B" : "A") + record.suffix(10)
        }
        let defect = try object(bad.output.dropLast())
        #expect(bad.status == 1 && defect["isGood"] as? Bool == false)
        #expect((defect["problem"] as? String)?.hasPrefix("Record 2 is changed") == true)
    }

    @Test func `an export is signed text, not JSON`() throws {
        let ending = try receipts(["export", "--json"])
        #expect(ending.status == 64 && ending.errors.contains("--json does not go with receipts"))
    }

    @Test func `what a full disk loses of the output is told`() throws {
        let lost = try receipts(["export"], to: "/dev/full")
        #expect(lost.status == 74 && lost.errors.contains("Make room where it goes"), "\(lost.errors)")
        #expect(try receipts(["export"], to: "/dev/null").status == 0)
    }

    @Test(arguments: ["list", "export", "verify"], [false, true])
    func `a log that is cut off is told, from a file and through a pipe`(command: String, isPiped: Bool) throws {
        let whole = try receipts([command], isPiped: isPiped)
        #expect(whole.status == 0 && whole.errors == "", "\(whole.errors)")
        let cut = try receipts([command], cut: 400, isPiped: isPiped)
        let told = command == "verify" ? cut.output : cut.errors
        #expect(cut.status == 1 && told.hasPrefix("The log is NOT good. The file is cut off"), "\(told)")
        #expect(command == "verify" || !cut.output.contains("NOT good"), "it goes into the log")
    }

    @Test(arguments: ["list", "export", "verify"])
    func `a folder or file without any record is no log`(command: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = folder.appending(path: "empty.log")
        try Data().write(to: empty)
        let portraitctl = Repository.programs.appending(path: "portraitctl").path
        for path in [folder.path, empty.path] {
            let ending = try Program.run([portraitctl, "--log", path, "receipts", command])
            #expect(ending.status == 65 && ending.output == "", "\(ending.output)")
            #expect(ending.errors.hasPrefix("\(path) holds no log. Name the folder log"), "\(ending.errors)")
        }
    }

    @Test(arguments: [1, 400]) func `an exported file that is cut off is not good`(count: Int) throws {
        let text = try receipts(["verify"], cut: count)
        #expect(text.status == 1 && text.output.hasPrefix("The log is NOT good. The file is cut off"), "\(text.output)")
        let json = try receipts(["verify", "--json"], cut: count)
        let told = try object(json.output.dropLast())
        #expect(json.status == 1 && told["isGood"] as? Bool == false)
        #expect((told["problem"] as? String)?.hasPrefix("The file is cut off") == true)
    }
}
