import Foundation
import Glibc
import Interface
import Platform
import Varlink

/// Starts the real daemon on a recording, so that it holds no simulator, and measures start-up and memory.
func benchDaemon(_ clip: BenchClip, packFolder: String, _ printer: FigurePrinter) throws {
    let names = ["start to status answered", "start to first frame analysed", "memory"]
    guard let program = neighbour("portraitd") else {
        for name in names { try printer.show(Figure(name, notMeasured: "no portraitd beside this program")) }
        return
    }
    let folder = try TemporaryFolder()
    let recording = folder.path + "/clip.mjpeg"
    try Data(clip.motionJPEG).write(to: URL(filePath: recording))
    var (toStatus, toFrame) = ([Double](), [Double]())
    var footprint = DaemonMemory()
    for round in 0..<5 {
        let daemon = try Daemon(program, ["--pack", packFolder, "--recording", recording], in: folder.path, round)
        var client = try daemon.connect()
        try client.send("\(InterfaceTexts.device).GetStatus", within: .seconds(5))
        _ = try client.receive(within: .seconds(5))
        toStatus.append(daemon.milliseconds)
        footprint.noteIdle(daemon.process)
        let pause = daemon.milliseconds
        // The first verification at once: it belongs to the second figure.
        try client.send(message: try VerifyMessage.make(portrait: clip.portrait.bytes), within: .seconds(5))
        let first = try client.receive(within: .seconds(10))
        if let error = first.error { throw LabFault(problem: "portraitd refuses to verify: \(error)") }
        let output = try WireCoding.decode(Counter.VerifyOutput.self, from: first.parameters)
        if output.progress == nil { throw LabFault(problem: "portraitd decides without a look") }
        toFrame.append(daemon.milliseconds - (pause - (toStatus.last ?? pause)))
        let end = Timestamp.now() + .seconds(round == 0 ? 8 : 1)
        while Timestamp.now() < end, try client.receive(within: .seconds(10)).continues {
            footprint.noteVerifying(daemon.process)
        }
    }
    try printer.show(Figure(names[0], unit: "ms wall", toStatus, note: "from posix_spawn; files in the page cache"))
    try printer.show(Figure(names[1], unit: "ms wall", toFrame, note: "the reply about it has been read"))
    for figure in footprint.figures { try printer.show(figure) }
}

/// Which of the shipped programs are here, and how large they are.
func benchPrograms(_ printer: FigurePrinter) {
    for name in ["portraitd", "portraitctl"] {
        let title = "size of \(name), stripped"
        guard let program = neighbour(name), let bytes = FileManager.default.contents(atPath: program) else {
            try? printer.show(Figure(title, notMeasured: "it is not beside this program"))
            continue
        }
        if bytes.range(of: Data("libswiftCore.so".utf8)) != nil {
            try? printer.show(
                Figure(title, notMeasured: "the Swift runtime is outside; build with --static-swift-stdlib"))
            continue
        }
        guard let folder = try? TemporaryFolder(), strip(program, into: folder.path + "/stripped"),
            let stripped = FileManager.default.contents(atPath: folder.path + "/stripped")
        else {
            try? printer.show(Figure(title, notMeasured: "strip cannot be run"))
            continue
        }
        try? printer.show(Figure(title, unit: "MiB", exactly: Double(stripped.count) / 1_048_576))
    }
}

private func strip(_ program: String, into copy: String) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["strip", "-o", copy, program]
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
}

/// The path of another program in this one's folder, when it is there.
func neighbour(_ name: String) -> String? {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    let path = URL(filePath: own).deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
}

/// A daemon that runs as long as this value.
final class Daemon {
    let process: pid_t
    let socket: String
    private let startedAt: Timestamp

    init(_ program: String, _ arguments: [String], in folder: String, _ round: Int) throws {
        socket = "\(folder)/counter-\(round).sock"
        let words = [program, "--counter", socket, "--state", "\(folder)/state"] + arguments
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 2, folder + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var process = pid_t()
        startedAt = .now()
        let status = unsafe posix_spawn(&process, program, &actions, nil, &pointers, environ)
        guard status == 0 else { throw Errno(status) }
        self.process = process
    }

    deinit {
        kill(process, SIGTERM)
        var status = CInt()
        unsafe waitpid(process, &status, 0)
    }

    /// Since the program was started.
    var milliseconds: Double { (Timestamp.now() - startedAt).seconds * 1000 }

    /// Tries every half millisecond until the daemon listens.
    func connect() throws(ClientFault) -> VarlinkClient {
        while milliseconds < 10_000 {
            do throws(ClientFault) { return try VarlinkClient(connecting: socket) } catch {
                guard case .noService = error else { throw error }
                usleep(500)
            }
        }
        throw .timedOut
    }
}

/// What the kernel says about a process's memory, in MiB.
private struct DaemonMemory {
    private var idle: [Double] = []
    private var verifying: [Double] = []
    private var peak = 0.0

    mutating func noteIdle(_ process: pid_t) { idle.append(memory("VmRSS", of: process)) }

    mutating func noteVerifying(_ process: pid_t) {
        verifying.append(memory("VmRSS", of: process))
        peak = max(peak, memory("VmHWM", of: process))
    }

    var figures: [Figure] {
        [
            Figure("memory idle, VmRSS", unit: "MiB", idle, note: "before the first verification"),
            Figure("memory verifying, VmRSS", unit: "MiB", verifying),
            Figure("memory verifying, VmHWM", unit: "MiB", exactly: peak),
        ]
    }

}

/// One of the kernel's figures about a process's memory, such as `VmRSS`, in MiB.
func memory(_ key: String, of process: pid_t) -> Double {
    let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
    let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
    return (kibibytes ?? .nan) / 1024
}
