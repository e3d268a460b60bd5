import Glibc
import Interface
import Platform
import Varlink

/// Shows state and frame figures until it is interrupted, or the daemon ends: in place on a terminal, elsewhere one
/// line a change.
func watch(_ arguments: Arguments) -> ExitStatus {
    do throws(CallFault) {
        var client = try connect(to: arguments.counter)
        var (last, shown) = (Device.Status?.none, "")
        while true {
            let output: Device.StatusOutput = try client.answer(
                "\(InterfaceTexts.device).GetStatus", within: Patience.question)
            let status = output.status
            let line = describe(status, since: last)
            if Console.outputIsTerminal {
                print("\r\u{1B}[K\(line)", terminator: "")
            } else if line != shown {
                print(line)
            }
            Console.flush()
            (last, shown) = (status, line)
            usleep(500_000)
        }
    } catch {
        if Console.outputIsTerminal { print("") }
        return tell(error)
    }
}

private func describe(_ status: Device.Status, since last: Device.Status?) -> String {
    var words = [state(of: status)]
    if let health = status.health { words.append(line(of: health)) }
    if let last, status.uptimeMilliseconds > last.uptimeMilliseconds {
        let seconds = Double(status.uptimeMilliseconds - last.uptimeMilliseconds) / 1000
        let rate = Double(status.framesReceived - last.framesReceived) / seconds
        words.append("\(Int(rate.rounded())) frames a second")
    }
    words.append("\(status.framesReceived) frames, \(status.framesDropped) dropped")
    words.append("\(status.verifications) verifications")
    return words.joined(separator: " · ")
}

/// One word or a few.
func state(of status: Device.Status) -> String {
    if status.isBusy { return "verifying" }
    if let remaining = status.maintenanceMilliseconds { return "maintenance, \(remaining / 1000) s left" }
    return status.isReady ? "ready" : "not ready"
}
