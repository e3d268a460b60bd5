import Interface
import Varlink

/// Prints how the device is; the exit status tells whether it could verify now.
func showStatus(_ arguments: Arguments) -> ExitStatus {
    ask(readable(arguments), "\(InterfaceTexts.device).GetStatus") { parameters in
        guard let status = try? WireCoding.decode(Device.StatusOutput.self, from: parameters).status else {
            return .protocolFault
        }
        if arguments.isJSON { printJSON(parameters) } else { print(describe(status)) }
        return status.isReady ? .success : .unavailable
    }
}

/// Prints how the device does; the exit status says it to programs.
func showHealth(_ arguments: Arguments) -> ExitStatus {
    ask(readable(arguments), "\(InterfaceTexts.device).GetStatus") { parameters in
        guard let health = try? WireCoding.decode(Device.StatusOutput.self, from: parameters).status.health else {
            return .protocolFault
        }
        if arguments.isJSON {
            printJSON(WireCoding.encode(health))
        } else {
            print(line(of: health))
        }
        switch health.level {
        case .good: return .success
        case .degraded: return .notGood
        case .bad: return .bad
        }
    }
}

/// Prints who serves the socket.
func showInfo(_ arguments: Arguments) -> ExitStatus {
    ask(arguments, "org.varlink.service.GetInfo") { parameters in
        guard let info = try? WireCoding.decode(ServiceInfo.self, from: parameters) else { return .protocolFault }
        print("\(info.product) \(info.version)")
        for interface in info.interfaces { print("  \(interface)") }
        return .success
    }
}

/// Prints who signs, and with what the verdicts were found.
func showIdentity(_ arguments: Arguments) -> ExitStatus {
    ask(arguments, "\(InterfaceTexts.device).GetIdentity") { parameters in
        guard let identity = try? WireCoding.decode(Device.IdentityOutput.self, from: parameters).identity else {
            return .protocolFault
        }
        print("device: \(identity.device ?? "not commissioned")")
        print("key: \(identity.key?.kid ?? "none")\(identity.isRehearsal ? ", thrown away at the next start" : "")")
        print("portraitd: \(identity.version), SHA-256 \(identity.firmware)")
        print("models: SHA-256 \(identity.models)")
        for network in identity.networks { print("  \(network.role): SHA-256 \(network.digest)") }
        return .success
    }
}

/// Prints what the device holds at this moment.
func showHoldings(_ arguments: Arguments) -> ExitStatus {
    ask(arguments, "\(InterfaceTexts.device).GetHoldings") { parameters in
        guard let holdings = try? WireCoding.decode(Device.HoldingsOutput.self, from: parameters).holdings else {
            return .protocolFault
        }
        let ofPersons = holdings.filter { [.frames, .portrait, .templates].contains($0.content) }
        print(ofPersons.isEmpty ? "The device holds nothing of any face." : "The camera is in use.")
        for holding in holdings {
            print("\(holding.content.rawValue): \(holding.byteCount) bytes in \(holding.place), until \(holding.until)")
        }
        return .success
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

/// Has what is asked shown by its caller, whose exit status tells it as well.
private func readable(_ arguments: Arguments) -> Arguments {
    var readable = arguments
    readable.isJSON = false
    return readable
}

private func ask(_ arguments: Arguments, _ method: String, _ show: ([UInt8]) -> ExitStatus) -> ExitStatus {
    do throws(ClientFault) {
        var client = try VarlinkClient(connecting: arguments.counter)
        try client.send(method, within: .seconds(5))
        let reply = try client.receive(within: .seconds(5))
        if let error = reply.error { return report(error, reply.parameters) }
        guard arguments.isJSON else { return show(reply.parameters) }
        printJSON(reply.parameters)
        return .success
    } catch {
        return report(error)
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
