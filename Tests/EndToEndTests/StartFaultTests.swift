import Foundation
import Support
import Testing

/// What portraitd says when it cannot do what it was started for.
@Suite(.needsPack) struct StartFaultTests {
    private func portraitd(_ words: [String]) throws -> Program.Ending {
        try Program.run([Repository.programs.appending(path: "portraitd").path] + words)
    }

    @Test func `a socket that is served already names both ways out`() throws {
        let daemon = try RunningDaemon("device/scenarios/stands-too-far.conf")
        let state = daemon.folder.appending(path: "other").path
        let ending = try portraitd([
            "--pack", TestPack.folder, "--state", state, "--simulate", "still", "--counter", daemon.socket,
        ])
        let said = "\(daemon.socket) cannot be served: Address already in use (errno 98). "
        #expect(ending.status == 69)
        #expect(ending.errors.contains("\(said)Stop the other portraitd, or choose another socket with --counter.\n"))
    }

    @Test func `lights that cannot be turned off name the remedy`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "board-\(UUID().uuidString).conf")
        defer { try? FileManager.default.removeItem(at: file) }
        let board = try Repository.text("device/boards/virtual-outlet.conf")
            .replacing(/(?m)^Chip=.*$/, with: "Chip=/dev/none")
        try Data(board.utf8).write(to: file)
        let ending = try portraitd(["--board", file.path, "--darken"])
        #expect(ending.status == 69)
        #expect(ending.errors.contains("No GPIO chip answers at /dev/none. Check that the board profile names"))
    }
}
