import Evidence
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

    /// Runs it where systemd's folder of credentials holds the key.
    private func portraitctlBesideCredential(_ words: [String]) throws -> Program.Ending {
        let script = """
            mount -t tmpfs credentials /run && mkdir /run/credstore && : > /run/credstore/portraitd.key && exec "$@"
            """
        let program = Repository.programs.appending(path: "portraitctl").path
        return try Program.run(["/usr/bin/unshare", "-rm", "/bin/sh", "-c", script, "sh", program] + words)
    }

    private static var canMount: Bool {
        (try? Program.run(["/usr/bin/unshare", "-rm", "/bin/mount", "-t", "tmpfs", "none", "/run"]).status) == 0
    }

    @Test(.enabled(if: canMount, "mounts are not allowed here"))
    func `a key that is a credential is neither made nor destroyed without the daemon`() throws {
        let state = FileManager.default.temporaryDirectory.appending(path: "offline-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: state) }
        let refused = try portraitctlBesideCredential(["--state", state, "commission"])
        #expect(refused.status == 69 && refused.errors.contains("/run/credstore/portraitd.key"), "\(refused.errors)")
        #expect(refused.errors.contains("systemctl start portraitd-counter.socket"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: state))
        // As the daemon commissions it.
        _ = try DeviceState(path: state).commission(credential: "/run/credstore/portraitd.key")
        let ended = try portraitctlBesideCredential(["--state", state, "decommission"])
        #expect(ended.status == 0 && ended.output.hasPrefix("Destroyed: name. "), "\(ended.errors)")
        #expect(ended.output.contains("NOT destroyed: it is the credential /run/credstore/portraitd.key. Remove it"))
    }

    @Test func `what was not there is not said to be destroyed`() throws {
        let state = FileManager.default.temporaryDirectory.appending(path: "offline-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: state) }
        for command in ["decommission", "rotate-key"] {
            let mistyped = try portraitctl(["--state", state, command])
            #expect(mistyped.status == 69 && mistyped.output == "" && mistyped.errors.contains("Name with --state"))
            #expect(!FileManager.default.fileExists(atPath: state))
        }
        _ = try DeviceState(path: state).commission(credential: "elsewhere")
        let ended = try portraitctl(["--state", state, "decommission"])
        #expect(ended.output.hasPrefix("Destroyed: name. ") && ended.output.contains("No key was found here; if it"))
        let again = try portraitctl(["--state", state, "decommission"])
        #expect(again.status == 69 && again.output == "", "\(again.errors)")
        #expect(again.errors.contains("The device was not commissioned"))
        #expect(try portraitctl(["--state", state, "commission"]).status == 0)
        let whole = try portraitctl(["--state", state, "decommission"])
        #expect(whole.status == 0 && whole.output.hasPrefix("Destroyed: name and key. "), "\(whole.errors)")
        #expect(!whole.output.contains("No key"))
    }
}
