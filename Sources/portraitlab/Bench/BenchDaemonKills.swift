import Evidence
import Foundation
import Glibc
import Interface
import Platform
import Simulator
import Varlink

import class Rendering.Portrait

/// Kills the whole daemon at random moments while a point of sale and every kind of hostile client use it, and checks
/// what is left: every acknowledged receipt, a good log, and how soon the next daemon is ready.
func benchDaemonKills(rounds: Int, packFolder: String, _ printer: FigurePrinter) throws {
    guard let program = neighbour("portraitd") else {
        return try printer.show(Figure("kills of the daemon", notMeasured: "no portraitd beside this program"))
    }
    let folder = try TemporaryFolder()
    // The shortest verification that ends with a receipt: the camera is pulled out at once.
    let scenario = folder.path + "/unplugged.conf"
    try Data("[Scenario]\nCameraFault=unplug\nCameraFaultAfter=100ms\n".utf8).write(to: URL(filePath: scenario))
    let portrait = IDPortrait.jpeg(of: .original, in: try Portrait.astronaut(pack: packFolder), seed: 1000)
    let arguments = ["--pack", packFolder, "--simulate", scenario]
    var attackers: [HostileClient] = []
    var (acknowledged, lost, bad) = (0, 0, 0)
    var restarts: [Double] = []
    var head: Head?
    for round in 0...rounds {
        let daemon = try Daemon(program, arguments, in: folder.path, 0)
        restarts.append(try daemon.waitUntilReady())
        do throws(AuditFailure) {
            _ = try auditLog(at: folder.path + "/state/rehearsal", keyName: nil, anchor: head)
        } catch  where round > 0 {
            Console.writeError("\(error)\n")
            if case .defective(.endsBeforeAnchor) = error { lost += 1 } else { bad += 1 }
        } catch {}
        if attackers.isEmpty {
            attackers = try Misbehaviour.allCases.map { try HostileClient($0, socket: daemon.socket) }
        }
        // The last start shows what the last kill has left.
        if round == rounds { break }
        let killer = try Killer(of: daemon.process, after: .milliseconds(Int.random(in: 20...2000)))
        while !killer.hasKilled {
            guard let receipt = verify(portrait, at: daemon.socket) else { continue }
            acknowledged += 1
            head = receipt
        }
    }
    try printer.show(
        Figure(
            "kills of the daemon under load", unit: "times", exactly: Double(rounds),
            note: "\(acknowledged) receipts acknowledged before"))
    try printer.show(Figure("acknowledged receipts lost", unit: "kills", exactly: Double(lost)))
    try printer.show(Figure("logs not good after the restart", unit: "kills", exactly: Double(bad)))
    try printer.show(
        Figure("start to status answered, ready", unit: "ms wall", restarts, note: "under hostile load; aim below 1000")
    )
}

/// Kills a process when its time has come.
private final class Killer {
    private let done = StopFlag()
    private let thread: WorkerThread

    init(of process: pid_t, after pause: Duration) throws(Errno) {
        thread = try WorkerThread(name: "killer") { [done] in
            usleep(UInt32(pause.milliseconds) * 1000)
            kill(process, SIGKILL)
            done.raise()
        }
    }

    var hasKilled: Bool { done.isRaised }
}

/// One verification up to its receipt; `nil` when the service turned this client away or died.
private func verify(_ portrait: borrowing SecureBytes, at socket: String) -> Head? {
    do {
        let message = try VerifyMessage.make(portrait: portrait)
        let conversation = try Conversation(at: socket) { client throws(ClientFault) in
            try client.send(message: message, within: .seconds(5))
        }
        var reply = conversation.first
        while reply.error == nil, reply.continues { reply = try conversation.client.receive(within: .seconds(10)) }
        let output = try WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters)
        guard let receipt = output.outcome?.receipt, let sequence = output.outcome?.sequence else { return nil }
        return Head(of: receipt, sequence: sequence)
    } catch {
        usleep(2000)
        return nil
    }
}

extension Daemon {
    /// Milliseconds from the start until the device says that it is ready.
    fileprivate func waitUntilReady() throws -> Double {
        while milliseconds < 10_000 {
            do throws(ClientFault) {
                let conversation = try Conversation(at: socket) { client throws(ClientFault) in
                    try client.send("\(InterfaceTexts.device).GetStatus", within: .seconds(5))
                }
                let reply = conversation.first.parameters
                if let output = try? WireCoding.decode(Device.StatusOutput.self, from: reply), output.status.isReady {
                    return milliseconds
                }
            } catch {
                usleep(500)
            }
        }
        throw LabFault(problem: "portraitd was not ready again within 10 s")
    }
}
