import Configuration
import Foundation
import Session
import Settings
import Testing

@Suite final class ConfigurationFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "portraitd-\(UUID())")
    private var main: String { folder.appending(path: "p.conf").path(percentEncoded: false) }

    init() throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: "p.conf.d"), withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    private func faults(mustExist: Bool = false) -> [String] {
        do throws(SettingsFaults) {
            _ = try Configuration(path: main, mustExist: mustExist)
            return []
        } catch {
            return error.all.map { $0.description.replacing(folder.path(percentEncoded: false), with: "") }
        }
    }

    @Test func `files override each other in the order of their names`() throws {
        try write("p.conf", "[Policy default]\nTries=1\nRestarts=1\nTimeLimit=31s")
        try write("p.conf.d/20-b.conf", "[Policy default]\nTries=3")
        try write("p.conf.d/10-a.conf", "[Policy default]\nTries=2\nRestarts=2")
        let policy = try Configuration(path: main).policies[0]
        #expect(policy.tries == 3)
        #expect(policy.verification.restarts == 2)
        #expect(policy.verification.timeLimit == .seconds(31))
    }

    @Test func `hidden files and those that do not end in .conf are left alone`() throws {
        for name in [".a.conf", "a.conf~", "a.txt", "conf"] { try write("p.conf.d/\(name)", "wrong") }
        #expect(faults().isEmpty)
    }

    @Test func `a missing file means the defaults unless it must exist`() throws {
        #expect(try Configuration(path: main) == Configuration())
        try FileManager.default.removeItem(at: folder.appending(path: "p.conf.d"))
        #expect(try Configuration(path: main) == Configuration())
        let found = faults(mustExist: true)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("/p.conf: It cannot be read: No such file") == true)
    }

    @Test func `the faults of all files are told, with their paths`() throws {
        try write("p.conf", "[Log]\nX=1")
        try write("p.conf.d/a.conf", "X")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "p.conf.d/b.conf"), withIntermediateDirectories: true)
        let names = faults().map { String($0.prefix { $0 != " " }) }
        #expect(names == ["/p.conf.d/b.conf:", "/p.conf:2:", "/p.conf.d/a.conf:1:"])
    }

    @Test func `a pipe, a dangling link and a file without an end are refused`() throws {
        let drops = folder.appending(path: "p.conf.d")
        let pipe = unsafe mkfifo(drops.appending(path: "a.conf").path(percentEncoded: false), 0o600)
        try #require(pipe == 0)
        try FileManager.default.createSymbolicLink(
            atPath: drops.appending(path: "b.conf").path(percentEncoded: false), withDestinationPath: "nowhere")
        try FileManager.default.createSymbolicLink(
            atPath: drops.appending(path: "c.conf").path(percentEncoded: false), withDestinationPath: "/dev/zero")
        #expect(faults().count == 3)
    }

    @Test func `a large file is refused`() throws {
        try write("p.conf", String(repeating: "#\n", count: 100_000))
        #expect(faults() == ["/p.conf: The file is larger than 64K. Remove what does not belong there."])
    }

    @Test func `a file as large as allowed is read to its end`() throws {
        let end = "[Policy default]\nTries=9"
        try write("p.conf", String(repeating: "#", count: 1000) + "\n" + String(repeating: "\n", count: 64_000) + end)
        #expect(try Configuration(path: main).policies[0].tries == 9)
    }

    @Test func `too many files are refused`() throws {
        for number in 0..<64 { try write("p.conf.d/\(number).conf", "") }
        #expect(faults() == ["/p.conf.d: It has 64 files. Join them to fewer than 64."])
    }
}
