import Foundation
import Interface
import Support
import Testing

/// A key that templates cannot be sealed to is found before a sale needs it.
@Suite(.needsPack) struct TemplateKeyTests {
    private let rules = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).conf")
    private let problem = "/nowhere/key: The operator's key in /nowhere/key cannot be used: "

    private func write(_ text: String) throws { try Data(text.utf8).write(to: rules) }

    private func writeWrongKey() throws {
        try write("[Policy default]\nTemplate=yes\nTemplateKey=/nowhere/key\n[Policy other]\nTries=2\n")
    }

    @Test func `the check of the configuration names it, once`() throws {
        try writeWrongKey()
        defer { try? FileManager.default.removeItem(at: rules) }
        let check = try Program.run([
            Repository.programs.appending(path: "portraitd").path, "--pack", TestPack.folder, "--check-configuration",
            "--configuration", rules.path,
        ])
        #expect(check.status == 78 && check.errors.hasPrefix(problem), "\(check.errors)")
        #expect(check.errors.split(separator: "\n").count == 1)
    }

    @Test func `a reload stays with the policies of before`() throws {
        try write("")
        defer { try? FileManager.default.removeItem(at: rules) }
        let daemon = try RunningDaemon(
            "device/scenarios/stands-too-far.conf", arguments: ["--configuration", rules.path])
        try writeWrongKey()
        daemon.signal(SIGHUP)
        try wait { daemon.log.contains("event: configuration-refused, problem: \(problem)") }
        #expect(try CounterHarness.status(at: daemon.socket).isReady)
    }
}
