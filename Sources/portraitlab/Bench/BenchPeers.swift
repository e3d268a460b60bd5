import Biometrics
import Faces
import Foundation
import Glibc
import Imaging
import Platform
import Session

/// Runs rounds of ours and of theirs in turns over the same frames, on one core.
func comparePeers(
    _ clip: BenchClip, pack: ModelPack, seconds: Double, _ printer: FigurePrinter
) throws {
    guard let program = peersProgram() else {
        return try printer.show(Figure("peers", notMeasured: "device/peers/start is not above this program"))
    }
    let folder = try TemporaryFolder()
    let file = folder.path + "/clip.mjpeg"
    try Data(clip.motionJPEG).write(to: URL(filePath: file))
    let core = pinToLastCore()
    let peers = try Peers(program, file)
    guard peers.frameCount == clip.frames.count else {
        throw LabFault(problem: "the peers read \(peers.frameCount) of \(clip.frames.count) frames")
    }
    var (bothEyes, scheduled, templates) = (Race(), Race(), Race())
    let end = Timestamp.now() + .nanoseconds(Int64(seconds * 1e9))
    repeat {
        let ours = try trackedRound(clip, pack) { _ in .both }
        let economical = try trackedRound(clip, pack) { $0.schedule.eyes }
        let theirs = try peers.run("mesh")
        bothEyes.add(ours, theirs)
        scheduled.add(economical, theirs)
        templates.add(try templateRound(clip, pack), try peers.run("template"))
    } while Timestamp.now() < end || bothEyes.count < 5
    let place = core.map { "core \($0)" } ?? "not pinned: taskset cannot be run"
    let mesh = "OpenCV and MediaPipe FaceMesh, refined eyes"
    try printer.show(bothEyes.figures("both eyes on every frame", against: mesh, place))
    try printer.show(scheduled.figures("the session's schedule", against: mesh, place))
    try printer.show(
        templates.figures("one view of a template", against: "dlib-bin, built without BLAS, on a cut-out chip", place))
}

/// Mean times of one piece of work, in milliseconds.
private struct RoundTimes: Decodable {
    var cpu: Double?
    var wall: Double?
    /// Share of the frames with a face.
    var found: Double?
    var missing: String?
}

/// The rounds of ours and theirs, pair by pair.
private struct Race {
    private var ours: [Double] = []
    private var theirs: [Double] = []
    private var wallRatios: [Double] = []
    private var found = 1.0
    private var missing: String?

    var count: Int { missing == nil ? ours.count : .max }

    /// Notes one round of each.
    mutating func add(_ own: RoundTimes, _ peer: RoundTimes) {
        guard let cpu = own.cpu, let peerCPU = peer.cpu, let wall = own.wall, let peerWall = peer.wall else {
            missing = peer.missing ?? own.missing
            return
        }
        ours.append(cpu)
        theirs.append(peerCPU)
        wallRatios.append(peerWall / wall)
        found = min(found, peer.found ?? 1)
    }

    func figures(_ name: String, against peer: String, _ place: String) -> [Figure] {
        let title = "\(name), times as fast as \(peer)"
        if let missing { return [Figure(title, notMeasured: missing)] }
        let ratios = zip(ours, theirs).map { $1 / $0 }
        let spread = (ratios.min() ?? 0, ratios.max() ?? 0)
        return [
            Figure("\(name), ours", unit: "ms", ours),
            Figure(
                "\(name), theirs", unit: "ms", theirs, note: "a result for \(percent(found)) %"),
            Figure(
                title, unit: "(CPU time)", ratios,
                note: "rounds from \(shown(spread.0)) to \(shown(spread.1)), \(place)"),
            Figure(title, unit: "(wall time)", wallRatios),
        ]
    }

    private func shown(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    private func percent(_ share: Double) -> Double { (share * 1000).rounded() / 10 }
}

private func timedRound(pieces: Int, _ body: () throws -> Void) rethrows -> RoundTimes {
    let start = Timestamp.now()
    let cpu = try measured(body)
    let wall = (Timestamp.now() - start).seconds * 1000
    return RoundTimes(cpu: cpu / Double(pieces), wall: wall / Double(pieces))
}

/// Every frame but the first, which looks for the face.
private func trackedRound(
    _ clip: BenchClip, _ pack: ModelPack, _ eyes: (BenchClip.Frame) -> EyeSchedule
) throws -> RoundTimes {
    var analyser = try FaceAnalyser(pack: pack)
    try clip.observe(0, with: &analyser, .both)
    return try timedRound(pieces: clip.frames.count - 1) {
        for index in 1..<clip.frames.count { try clip.observe(index, with: &analyser, eyes(clip.frames[index])) }
    }
}

/// Sampling and network of both views; half of it is one view.
private func templateRound(_ clip: BenchClip, _ pack: ModelPack) throws -> RoundTimes {
    var analyser = try FaceAnalyser(pack: pack)
    var recogniser = try FaceRecogniser(pack: pack)
    var sum = TemplateSum(dimensions: pack.dimensions)
    try clip.observe(0, with: &analyser, .none)
    guard recogniser.add(lastFaceOf: analyser, to: &sum) else { return RoundTimes(missing: "no face is tracked") }
    let count = max(clip.frames.count / 10, 1)
    return timedRound(pieces: 2 * count) {
        for _ in 0..<count { recogniser.add(lastFaceOf: analyser, to: &sum) }
    }
}

/// The program with the peers, which does one round for every word.
private final class Peers {
    let frameCount: Int
    private let process = Process()
    private let words = Pipe()
    private let answers = Pipe()

    init(_ program: String, _ file: String) throws {
        process.executableURL = URL(filePath: program)
        process.arguments = [file]
        process.standardInput = words
        process.standardOutput = answers
        try process.run()
        struct Greeting: Decodable { let frames: Int }
        frameCount = try Self.read(Greeting.self, from: answers).frames
    }

    deinit {
        try? words.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func run(_ word: String) throws -> RoundTimes {
        try words.fileHandleForWriting.write(contentsOf: Data((word + "\n").utf8))
        return try Self.read(RoundTimes.self, from: answers)
    }

    private static func read<Answer: Decodable>(_ type: Answer.Type, from pipe: Pipe) throws -> Answer {
        var line = Data()
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1), byte.first != UInt8(ascii: "\n") {
            if byte.isEmpty { throw LabFault(problem: "the peers ended; see above") }
            line += byte
        }
        guard !line.isEmpty else { throw LabFault(problem: "the peers ended; see above") }
        return try JSONDecoder().decode(type, from: line)
    }
}

private func peersProgram() -> String? {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    var folder = URL(filePath: own).deletingLastPathComponent()
    while folder.path(percentEncoded: false) != "/" {
        let program = folder.appending(path: "device/peers/start").path(percentEncoded: false)
        if FileManager.default.isExecutableFile(atPath: program) { return program }
        folder = folder.deletingLastPathComponent()
    }
    return nil
}

/// Keeps this program and all that it starts on one core; `nil` when that fails.
private func pinToLastCore() -> Int? {
    let core = sysconf(CInt(_SC_NPROCESSORS_ONLN)) - 1
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["taskset", "--all-tasks", "--cpu-list", "--pid", "\(core)", "\(getpid())"]
    process.standardOutput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? core : nil
}
