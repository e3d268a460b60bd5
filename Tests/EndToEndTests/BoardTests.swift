import Foundation
import Support
import Testing

@Suite struct BoardTests {
    static let boards = Repository.files(in: "device/boards", suffix: ".conf")

    @Test func `there are boards`() {
        #expect(Self.boards.count >= 3)
    }

    @Test(arguments: boards) func `a shipped board is right`(board: String) throws {
        let check = try check(board: Repository.file(board).path)
        #expect(check.status == 0, "\(check.text)")
    }

    /// A technician uncomments what is needed: it must be as right as the rest.
    @Test func `the board that shows every key is right with all of them`() throws {
        let text = try Repository.text("device/boards/virtual-outlet.conf").replacing("\n;", with: "\n")
        let check = try check(text: text)
        #expect(check.status == 0, "\(check.text)")
    }

    @Test func `the manual page has every key, and of signals what holds without one`() throws {
        let manual = try Repository.text("device/man/portraitd.conf.5")
        let board = try Repository.text("device/boards/virtual-outlet.conf")
        let (parts, signals) = (board.split(separator: "[Signals]")[0], board.split(separator: "[Signals]")[1])
        let keys = parts.matches(of: /(?m)^;?([A-Z][A-Za-z]+=)/).map(\.1)
        let defaults = signals.matches(of: /(?m)^;([A-Z][A-Za-z]+=.+)$/).map(\.1)
        #expect(keys.count > 20 && defaults.count == 7)
        for words in keys + defaults { #expect(manual.contains(words), "\(words)") }
        for section in ["Camera", "Lights", "Signals"] { #expect(manual.contains(".Ss [\(section)]")) }
    }

    /// What stands behind ; is chosen by who has it wired.
    @Test(arguments: boards) func `a shipped board is right with its indicators`(board: String) throws {
        let check = try check(text: Repository.text(board).replacing("\n;", with: "\n"))
        #expect(check.status == 0, "\(check.text)")
    }

    @Test func `mistakes in both files are told at once`() throws {
        let check = try check(text: "[Camera]\nPaht=/dev/video0\n", configuration: "[Log]\nRetention=1h\n")
        #expect(check.status == 78)
        #expect(check.text.split(separator: "\n").count == 4)
        #expect(check.text.contains("board.conf:2: Unknown key Paht in [Camera]. Did you mean Path?"))
        #expect(check.text.contains("p.conf:2: 1h does not fit Retention"))
    }

    private func check(text: String, configuration: String = "") throws -> (status: Int32, text: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "board-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (board, main) = (folder.appending(path: "board.conf"), folder.appending(path: "p.conf"))
        try Data(text.utf8).write(to: board)
        try Data(configuration.utf8).write(to: main)
        return try check(board: board.path, ["--configuration", main.path])
    }

    private func check(board: String, _ more: [String] = []) throws -> (status: Int32, text: String) {
        let (process, errors) = (Process(), Pipe())
        process.executableURL = Repository.programs.appending(path: "portraitd")
        process.arguments = ["--check-configuration", "--board", board] + more
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
