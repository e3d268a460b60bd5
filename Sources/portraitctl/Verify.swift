import FoundationEssentials
import Glibc
import Interface
import Platform
import Ports
import Session
import Varlink

/// Runs one verification and shows it live.
func verify(portrait path: String, _ arguments: Arguments) -> ExitStatus {
    // The connection is the claim: leaving cancels. `write` and `_exit` are safe in a signal handler.
    signal(SIGINT) { _ in
        let text: StaticString = "\ncancelled\n"
        unsafe write(2, text.utf8Start, text.utf8CodeUnitCount)
        _exit(ExitStatus.cancelled.rawValue)
    }
    do {
        let message = try verifyMessage(portrait: try readPortrait(path))
        var client = try VarlinkClient(connecting: arguments.counter)
        try client.send(message: message, within: .seconds(10))
        return try follow(&client, isJSON: arguments.isJSON)
    } catch let fault as ClientFault {
        return tell(.client(fault))
    } catch let fault as PortraitFault {
        printError(fault.description)
        return .refusedInput
    } catch {
        printError("\(error)")
        return .protocolFault
    }
}

private func follow(_ client: inout VarlinkClient, isJSON: Bool) throws(ClientFault) -> ExitStatus {
    var display = LiveDisplay()
    while true {
        let reply = try client.receive(within: .seconds(60))
        if isJSON {
            printJSON(reply.parameters)
            // Who reads a pipe wants to follow, too.
            Console.flush()
        }
        if let error = reply.error {
            display.clear()
            return tell(.refused(error, reply.parameters))
        }
        guard let output = try? WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters) else {
            display.clear()
            return tell(.senseless(method: "\(InterfaceTexts.counter).Verify"))
        }
        if let outcome = output.outcome {
            display.clear()
            if !isJSON { print(summary(outcome)) }
            return ExitStatus(outcome)
        }
        if let progress = output.progress, !isJSON { display.show(progress) }
    }
}

extension ExitStatus {
    fileprivate init(_ outcome: Counter.Outcome) {
        switch outcome.verdict {
        case .verified: self = .success
        case .notMatched: self = .notMatched
        case .undetermined: self = .undetermined
        case .refer: self = .refer
        case .attackSuspected: self = .attackSuspected
        }
    }
}

private func summary(_ outcome: Counter.Outcome) -> String {
    let seconds = (Double(outcome.durationMilliseconds) / 100).rounded() / 10
    let steps = outcome.challenge.map { "\($0.instruction.rawValue) \($0.responded ? "✓" : "✗")" }
    var lines = ["verdict: \(outcome.verdict.rawValue), after \(seconds) s, source: \(outcome.source.rawValue)"]
    if !outcome.reasons.isEmpty { lines.append("reasons: \(outcome.reasons.map(\.rawValue).joined(separator: ", "))") }
    if !steps.isEmpty { lines.append("challenge: \(steps.joined(separator: ", "))") }
    if let sequence = outcome.sequence { lines.append("receipt: number \(sequence) in the device's log") }
    return lines.joined(separator: "\n")
}

// MARK: The request

private enum PortraitFault: Error, CustomStringConvertible {
    case unreadable(path: String, Errno)
    case tooLarge(path: String)

    var description: String {
        switch self {
        case .unreadable(let path, let errno): "The portrait \(path) cannot be read: \(errno)."
        case .tooLarge(let path): "The portrait \(path) exceeds 1 MiB. Send the picture from the document's chip."
        }
    }
}

private func readPortrait(_ path: String) throws(PortraitFault) -> SecureBytes {
    do throws(Errno) {
        let file = try MappedFile(path: path)
        guard file.count <= 1 << 20 else { throw Errno(EFBIG) }
        return file.withBytes { SecureBytes(copying: $0, holding: .portrait) }
    } catch {
        throw error.code == EFBIG ? .tooLarge(path: path) : .unreadable(path: path, error)
    }
}

/// The whole message in secure memory: the picture never stands in a string.
private func verifyMessage(portrait: borrowing SecureBytes) throws -> SecureBytes {
    var generator = SystemRandomNumberGenerator()
    let random = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let nonce = Base64URL.string(random)
    let request = Counter.Request(
        transaction: "portraitctl-\(nonce)", nonce: nonce, purpose: "test by a technician",
        consent: .init(noticeVersion: "technician", givenAt: Date.now.formatted(.iso8601), method: .spoken))
    let parameters = String(decoding: WireCoding.encode(Counter.VerifyInput(request: request)), as: UTF8.self)
    let message = secretCall(
        "\(InterfaceTexts.counter).Verify", parameters: parameters, name: "portrait", secret: portrait, more: true)
    guard let message else { throw WireFault.malformed(detail: "the request has no place for the portrait") }
    return message
}
