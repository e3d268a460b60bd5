import Evidence
import Foundation
import Glibc
import Platform
import Ports

/// Kills a writer of receipts at random moments and checks what is left: all that was acknowledged, and a good log.
func benchCrashes(rounds: Int, _ printer: FigurePrinter) throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/state"
    let log = state + "/rehearsal"
    var generator = SystemRandomNumberGenerator()
    var (acknowledged, lost, bad) = (0, 0, 0)
    // Of all rounds: a writer that is killed early acknowledges nothing.
    var head: Head?
    var restarts: [Double] = []
    for _ in 0..<rounds {
        let writer = try Writer(state: state)
        usleep(UInt32.random(in: 2000...60_000, using: &generator))
        let heads = writer.killAndReadHeads()
        acknowledged += heads.count
        head = heads.last ?? head
        let start = Timestamp.now()
        // Opening the log is what the daemon's start does with it.
        _ = try EvidenceKeeper(
            .init(path: state, credential: nil, limits: LogLimits(), clock: SystemWallClock())
        ).publicKey(for: .simulator)
        restarts.append((Timestamp.now() - start).seconds * 1000)
        do throws(AuditFailure) {
            _ = try auditLog(at: log, keyName: nil, anchor: head)
        } catch {
            Console.writeError("\(error)\n")
            if case .defective(.endsBeforeAnchor) = error { lost += 1 } else { bad += 1 }
        }
    }
    try printer.show(
        Figure("kills", unit: "times", exactly: Double(rounds), note: "\(acknowledged) receipts acknowledged before"))
    try printer.show(Figure("acknowledged receipts lost", unit: "kills", exactly: Double(lost)))
    try printer.show(Figure("logs not good after the restart", unit: "kills", exactly: Double(bad)))
    try printer.show(Figure("log ready after a kill", unit: "ms wall", restarts))
}

/// What the writer's process does: records receipts without end and tells each head as soon as it is acknowledged.
func writeReceipts(_ words: [String]) throws {
    let options = try Options(words, flags: [], values: [], mostInputs: 1)
    let keeper = try EvidenceKeeper(
        .init(path: try options.input("state folder"), credential: nil, limits: LogLimits(), clock: SystemWallClock()))
    for number in 0... {
        let head = try keeper.record(.sample(number)).head
        print("\(head.sequence):\(head.hash)")
        Console.flush()
    }
}

private final class Writer {
    private let process = Process()
    private let output = Pipe()

    init(state: String) throws {
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["write-receipts", state]
        process.standardOutput = output
        try process.run()
    }

    func killAndReadHeads() -> [Head] {
        kill(process.processIdentifier, SIGKILL)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ":")
            guard parts.count == 2, parts[1].utf8.count == 43, let sequence = Int(parts[0]) else { return nil }
            return Head(sequence: sequence, hash: String(parts[1]))
        }
    }
}
