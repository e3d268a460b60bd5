import Foundation
import Interface
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
        let option = ["status", "verify"].contains(words.last) ? "--counter" : "--service"
        return try Program.run([Repository.programs.appending(path: "portraitctl").path, option, daemon.path] + words)
    }

    @Test func `a camera that delivers no frames is not commissioned`() throws {
        let nothing = Technician.Commissioning(
            hasCable: false, camera: nil, lamps: [], seenLamps: [], device: nil, light: nil)
        let daemon = try PlayedDaemon([
            "GetStatus": [Self.status(isReady: true)],
            "GetCommissioning": [WireCoding.encode(Technician.CommissioningOutput(commissioning: nothing))],
            "Examine": [Self.check("node", .pass), Self.check("frameRate", .fail), Self.check("pack", .pass)],
        ])
        let ending = try portraitctl(daemon, ["commission"])
        #expect(ending.status == 2 && ending.errors.contains("✗ frameRate: "), "\(ending.errors)")
    }
}
