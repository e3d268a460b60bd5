import Foundation
import Glibc
import Interface
import Platform
import Session
import Synchronization
import Varlink

/// What every round is made of.
struct HostileSetup {
    let program: String
    let packFolder: String
    /// Faces that are turned away, so that no challenge begins and both eyes are read on every frame.
    let frames: [[UInt8]]
    let message: SecureBytesBox
    let seed: UInt64
    let seconds: Double
    /// Where portraitd runs alone, and where everything else runs.
    let cores: (daemon: Int, others: Int)
}

/// What one portraitd showed from outside, with or without hostile clients.
struct HostileRound: Sendable {
    /// From the moment a whole frame is in portraitd's pipe to the moment its reply is read, in milliseconds.
    var latencies: [Double] = []
    /// From connecting to the answer of `GetStatus`, in milliseconds.
    var statusTimes: [Double] = []
    var framesReceived = 0
    var framesDropped = 0
    /// MiB, since the program was started.
    var residentPeak = 0.0
    /// How often it had to connect anew because it was turned away.
    var refusalCount = 0
    /// Replies whose frame is unknown.
    var strayCount = 0
    /// What `--simulate willing` ended with.
    var verdict: String?

    /// Plays frames to a portraitd of its own for as long as the setup says.
    static func played(_ setup: HostileSetup, isHostile: Bool) throws -> HostileRound {
        let folder = try TemporaryFolder()
        let pipe = folder.path + "/frames"
        try retrying { unsafe mkfifo(pipe, 0o600) }
        return try run(setup, isHostile, ["--recording", pipe], folder) { socket, round in
            let feeder = try FrameFeeder(path: pipe, frames: setup.frames)
            let end = Timestamp.now() + .nanoseconds(Int64(setup.seconds * 1e9))
            let limit = VerificationPolicy().timeLimit
            let conversation = try round.converse(at: socket) { client throws(ClientFault) in
                try client.send(message: setup.message.bytes, within: .seconds(30))
            }
            while Timestamp.now() < end {
                let reply = try conversation.client.receive(within: .seconds(10))
                let time = Timestamp.now()
                let output = try WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters)
                guard reply.error == nil, let progress = output.progress, progress.step == nil else {
                    let reasons = output.outcome?.reasons.map(\.rawValue) ?? []
                    throw LabFault(problem: "the verification did not last: \(reply.error ?? "") \(reasons)")
                }
                // The camera stamps its frames evenly, and what remains is counted by the stamps.
                let age = limit - .milliseconds(progress.remainingMilliseconds)
                let index = Int((age.seconds / BenchClip.frameInterval.seconds).rounded())
                if let delivered = feeder.deliveryTime(of: index), delivered <= time {
                    round.latencies.append((time - delivered).seconds * 1000)
                } else {
                    round.strayCount += 1
                }
            }
        }
    }

    /// A whole verification of the simulated person.
    static func simulated(_ setup: HostileSetup, isHostile: Bool) throws -> HostileRound {
        let source = ["--simulate", "willing", "--seed", "\(setup.seed)"]
        return try run(setup, isHostile, source, try TemporaryFolder()) { socket, round in
            let conversation = try round.converse(at: socket) { client throws(ClientFault) in
                try client.send(message: setup.message.bytes, within: .seconds(30))
            }
            repeat {
                let reply = try conversation.client.receive(within: .seconds(10))
                let output = try? WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters)
                if !reply.continues { round.verdict = reply.error ?? output?.outcome?.verdict.rawValue ?? "none" }
            } while round.verdict == nil
        }
    }

    private static func run(
        _ setup: HostileSetup, _ isHostile: Bool, _ source: [String], _ folder: TemporaryFolder,
        _ verify: (String, inout HostileRound) throws -> Void
    ) throws -> HostileRound {
        try keepThread(onCore: setup.cores.daemon)
        let daemon = try Daemon(setup.program, ["--pack", setup.packFolder] + source, in: folder.path, 0)
        try keepThread(onCore: setup.cores.others)
        _ = try daemon.connect()
        let attackers = isHostile ? try Misbehaviour.allCases.map { try HostileClient($0, socket: daemon.socket) } : []
        // They are at it before the verification begins.
        if isHostile { sleep(1) }
        var round = HostileRound()
        let before = try round.status(at: daemon.socket)
        try verify(daemon.socket, &round)
        let after = try round.status(at: daemon.socket)
        round.framesReceived = after.framesReceived - before.framesReceived
        round.framesDropped = after.framesDropped - before.framesDropped
        round.residentPeak = memory("VmHWM", of: daemon.process)
        for attacker in attackers where !attacker.isAlive {
            throw LabFault(problem: "the hostile client \(attacker.misbehaviour.rawValue) has ended")
        }
        return round
    }

    private mutating func status(at socket: String) throws -> Device.Status {
        let start = Timestamp.now()
        let conversation = try converse(at: socket) { client throws(ClientFault) in
            try client.send("\(InterfaceTexts.device).GetStatus", within: .seconds(5))
        }
        statusTimes.append((Timestamp.now() - start).seconds * 1000)
        return try WireCoding.decode(Device.StatusOutput.self, from: conversation.first.parameters).status
    }

    /// Connects and calls until the first answer comes, as a POS does that was turned away.
    private mutating func converse(
        at socket: String, _ call: (inout VarlinkClient) throws(ClientFault) -> Void
    ) throws(ClientFault) -> Conversation {
        let end = Timestamp.now() + .seconds(60)
        while true {
            do throws(ClientFault) { return try Conversation(at: socket, call) } catch {
                if Timestamp.now() > end { throw error }
                refusalCount += 1
                usleep(10_000)
            }
        }
    }
}

/// A connection whose first answer has come.
final class Conversation {
    var client: VarlinkClient
    let first: Reply

    init(at socket: String, _ call: (inout VarlinkClient) throws(ClientFault) -> Void) throws(ClientFault) {
        var client = try VarlinkClient(connecting: socket)
        try call(&client)
        self.first = try client.receive(within: .seconds(10))
        self.client = client
    }
}
