import Interface
import Varlink

/// Prints how the device is; the exit status tells whether it could verify now.
func showStatus(_ arguments: Arguments) -> ExitStatus {
    ask(arguments, "\(InterfaceTexts.device).GetStatus") { (output: Device.StatusOutput, json) in
        if arguments.isJSON { printJSON(json) } else { print(describe(output.status)) }
        return output.status.isReady ? .success : .unavailable
    }
}

/// Prints how the device does; the exit status says it to programs.
func showHealth(_ arguments: Arguments) -> ExitStatus {
    ask(arguments, "\(InterfaceTexts.device).GetStatus") { (output: Device.StatusOutput, _) throws(CallFault) in
        guard let health = output.status.health else { throw .senseless(method: "\(InterfaceTexts.device).GetStatus") }
        if arguments.isJSON { printJSON(WireCoding.encode(health)) } else { print(line(of: health)) }
        switch health.level {
        case .good: return .success
        case .degraded: return .notGood
        case .bad: return .bad
        }
    }
}

/// Prints who serves the socket.
func showInfo(_ arguments: Arguments) -> ExitStatus {
    ask(arguments, "org.varlink.service.GetInfo") { (info: ServiceInfo) in
        print("\(info.product) \(info.version)")
        for interface in info.interfaces { print("  \(interface)") }
    }
}

/// Prints who signs, and with what the verdicts were found.
func showIdentity(_ arguments: Arguments) -> ExitStatus {
    ask(arguments, "\(InterfaceTexts.device).GetIdentity") { (output: Device.IdentityOutput) in
        let identity = output.identity
        print("device: \(identity.device ?? "not commissioned")")
        print("key: \(identity.key?.kid ?? "none")\(identity.isRehearsal ? ", thrown away at the next start" : "")")
        print("portraitd: \(identity.version), SHA-256 \(identity.firmware)")
        print("models: SHA-256 \(identity.models)")
        for network in identity.networks { print("  \(network.role): SHA-256 \(network.digest)") }
    }
}

/// Prints what the device holds at this moment.
func showHoldings(_ arguments: Arguments) -> ExitStatus {
    ask(arguments, "\(InterfaceTexts.device).GetHoldings") { (output: Device.HoldingsOutput) in
        let ofPersons = output.holdings.filter { [.frames, .portrait, .templates].contains($0.content) }
        print(ofPersons.isEmpty ? "The device holds nothing of any face." : "The camera is in use.")
        for holding in output.holdings {
            print("\(holding.content.rawValue): \(holding.byteCount) bytes in \(holding.place), until \(holding.until)")
        }
    }
}

/// The level, then the reasons.
func line(of health: Device.Health) -> String {
    ([health.level.rawValue] + health.reasons.map(\.rawValue)).joined(separator: " ")
}

private struct ServiceInfo: Codable {
    let vendor: String
    let product: String
    let version: String
    let url: String
    let interfaces: [String]
}

/// Asks the counter's socket, and shows the answer; with `--json` as it came.
private func ask<Output: Codable>(_ arguments: Arguments, _ method: String, _ show: (Output) -> Void) -> ExitStatus {
    ask(arguments, method) { (output: Output, json) in
        if arguments.isJSON { printJSON(json) } else { show(output) }
        return .success
    }
}

/// Asks the counter's socket; whoever shows the answer decides the exit status.
private func ask<Output: Codable>(
    _ arguments: Arguments, _ method: String, _ show: (Output, [UInt8]) throws(CallFault) -> ExitStatus
) -> ExitStatus {
    do throws(CallFault) {
        var client = try connect(to: arguments.counter)
        var status = ExitStatus.success
        try client.forEachReply(method, within: Patience.question) { (output: Output, json) throws(CallFault) in
            status = try show(output, json)
        }
        return status
    } catch {
        return tell(error)
    }
}

private func describe(_ status: Device.Status) -> String {
    func part(_ title: String, _ part: Device.Part) -> String {
        let state = part.isReady ? "ready" : "\(part.problem ?? "not ready") \(part.remedy ?? "")"
        return "\(title) (\(part.name)): \(state)"
    }
    var lines = [
        "portraitd \(status.version), up \(status.uptimeMilliseconds / 1000) s: "
            + state(of: status),
        part("camera", status.camera), part("lights", status.lights), part("models", status.pack),
        part("evidence", status.evidence),
        "frames: \(status.framesReceived) received, \(status.framesDropped) dropped; verifications: \(status.verifications)",
        "pixel memory: \(status.isMemoryLocked ? "locked" : "NOT locked; raise LimitMEMLOCK")",
    ]
    if let health = status.health { lines.append("health: \(line(of: health))") }
    if !status.simulated.isEmpty { lines.append("simulated: \(status.simulated.joined(separator: ", "))") }
    if let fault = status.lastFault {
        lines.append("last fault, \(fault.ageMilliseconds / 1000) s ago: \(fault.problem) \(fault.remedy)")
    }
    return lines.map(plain).joined(separator: "\n")
}
