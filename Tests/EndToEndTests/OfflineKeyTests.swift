import Foundation
import Glibc
import Support
import Testing

/// Keys are made and destroyed where no daemon runs, by root for portraitd's user.
@Suite struct OfflineKeyTests {
    private func portraitctl(_ words: [String]) throws -> Program.Ending {
        try Program.run([Repository.programs.appending(path: "portraitctl").path] + words)
    }

    @Test(.enabled(if: geteuid() == 0, "only root may act as another user"))
    func `what the backend must know is written where root may write`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "offline-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let state = "\(folder)/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        unsafe chmod(state, 0o700)
        unsafe chown(state, 65_534, 65_534)
        let file = "\(folder)/identity.json"
        let made = try portraitctl(["--state", state, "--output", file, "commission"])
        #expect(made.status == 0 && made.errors.contains("written to \(file)"), "\(made.errors)")
        let owners = [file, "\(state)/device.key"].map {
            (try? FileManager.default.attributesOfItem(atPath: $0))?[.ownerAccountID] as? Int
        }
        #expect(owners == [0, 65_534])
    }

    @Test func `why a file cannot be written decides what to do about it`() throws {
        let state = FileManager.default.temporaryDirectory.appending(path: "offline-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: state) }
        let refused = try portraitctl(["--state", state, "--output", "\(state)/none/identity.json", "commission"])
        #expect(refused.status == 65 && refused.errors.contains("Name a file where you may write"), "\(refused.errors)")
    }
}
