import Foundation
import Platform
import Rendering
import Simulator
import Support

/// The built portraitd with a scenario file, as a POS maker starts it.
final class RunningDaemon {
    let socket: String
    /// A JPEG file of the portrait on the simulated person's document.
    let portrait: String
    private let folder: URL
    private let process = Process()

    struct Fault: Error {
        let log: String
    }

    /// Returns when the socket is there.
    init(_ scenario: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "daemon-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        socket = folder.appending(path: "counter.sock").path
        portrait = folder.appending(path: "portrait.jpg").path
        let jpeg = try Self.documentPortrait()
        let data = jpeg.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe Data($0) } }
        try data.write(to: URL(filePath: portrait))
        let errors = Pipe()
        process.executableURL = Repository.programs.appending(path: "portraitd")
        process.arguments = [
            "--pack", TestPack.folder, "--state", folder.appending(path: "state").path, "--counter", socket,
            "--simulate", Repository.file(scenario).path,
        ]
        process.standardError = errors
        try process.run()
        // The first line is written when the socket is there; without one the daemon has ended.
        let first = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
        guard first.contains("event: started") else { throw Fault(log: first) }
        errors.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    static func documentPortrait() throws -> SecureBytes {
        let setup = CounterSetup(seed: 1000)
        return IDPortrait.jpeg(
            of: setup.person, in: try Portrait.astronaut(pack: TestPack.folder), seed: setup.seed)
    }
}
