import Foundation
import Platform
import Rendering
import Simulator
import Support

/// The built portraitd with a scenario file, as a POS maker starts it.
final class RunningDaemon {
    let socket: String
    /// The technicians' socket.
    let service: String
    let state: String
    /// A JPEG file of the portrait on the simulated person's document.
    let portrait: String
    let folder: URL
    private let process = Process()
    private let lines = Monitor("")

    struct Fault: Error {
        let log: String
    }

    /// Plays a scenario file of the repository.
    convenience init(
        _ scenario: String, markComplement mark: [UInt8] = [], arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws {
        try self.init(
            source: ["--simulate", Repository.file(scenario).path], markComplement: mark, arguments: arguments,
            environment: environment)
    }

    /// Returns when the socket is there; `mark` is planted in the portrait, complemented.
    init(
        source: [String], markComplement mark: [UInt8] = [], arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "daemon-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        socket = folder.appending(path: "counter.sock").path
        portrait = folder.appending(path: "portrait.jpg").path
        service = folder.appending(path: "service.sock").path
        state = folder.appending(path: "state").path
        let jpeg = try Self.documentPortrait(markComplement: mark)
        let data = jpeg.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe Data($0) } }
        try data.write(to: URL(filePath: portrait))
        let errors = Pipe()
        process.executableURL = Repository.programs.appending(path: "portraitd")
        process.arguments =
            [
                "--pack", TestPack.folder, "--state", state, "--counter", socket, "--service", service,
            ] + source + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) { $1 }
            .merging(environment) { $1 }
        process.standardError = errors
        try process.run()
        // It says that it has started when the socket is there; nothing more comes from a daemon that has ended.
        var first = ""
        while !first.contains("event: started") {
            let more = errors.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Fault(log: first) }
            first += String(decoding: more, as: UTF8.self)
        }
        lines.update { [first] in $0 = first }
        errors.fileHandleForReading.readabilityHandler = { [lines] handle in
            let text = String(decoding: handle.availableData, as: UTF8.self)
            lines.update { $0 += text }
        }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    var processIdentifier: pid_t { process.processIdentifier }

    /// What it has written for the journal.
    var log: String { lines.update { $0 } }

    func signal(_ number: CInt) { kill(process.processIdentifier, number) }

    /// Waits until it has ended, and tells how.
    func ending() throws -> (reason: Process.TerminationReason, status: CInt) {
        try wait { !process.isRunning }
        return (process.terminationReason, process.terminationStatus)
    }

    static func documentPortrait(markComplement mark: [UInt8] = []) throws -> SecureBytes {
        let setup = CounterSetup(seed: 1000)
        let jpeg = IDPortrait.jpeg(
            of: setup.person, in: try Portrait.astronaut(pack: TestPack.folder), seed: setup.seed)
        return mark.isEmpty ? jpeg : inserting(mark, into: jpeg)
    }
}
