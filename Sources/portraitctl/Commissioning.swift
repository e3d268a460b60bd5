import Evidence
import FoundationEssentials
import Glibc
import Platform
import Ports

/// Gives the device its name and key, changes the key, or destroys both; the daemon must not run meanwhile.
func changeDevice(_ command: Arguments.Command, _ arguments: Arguments) -> ExitStatus {
    becomeOwner(of: arguments.state)
    do throws(EvidenceFault) {
        let state = try DeviceState(path: arguments.state)
        switch command {
        case .commission:
            let identity = try state.commission()
            let log = try state.openLog(.device, credential: nil, limits: LogLimits(), clock: SystemWallClock())
            print("The device is commissioned. Register this at the backend:")
            printKey(log.publicKey, device: identity.device)
        case .rotateKey:
            let key = try state.rotateKey(limits: LogLimits(), clock: SystemWallClock())
            print("The device signs with a new key, which the old one has announced in the log. Register it:")
            printKey(key, device: try state.identity()?.device ?? "")
        case .decommission:
            try state.decommission()
            print("Name and key are destroyed. The log is left in \(state.logPath); export it before it is deleted.")
        case .verify, .status, .health, .watch, .info, .identity, .privacy, .receipts, .maintenance, .cameras,
            .pinCamera, .lights, .doctor, .aim, .report:
            return .usage
        }
        return .success
    } catch {
        printError(error.description)
        return .unavailable
    }
}

/// Files must belong to portraitd's user: root acts as the folder's owner.
private func becomeOwner(of path: String) {
    var status = stat()
    guard geteuid() == 0, unsafe stat(path, &status) == 0, status.st_uid != 0 else { return }
    _ = setegid(status.st_gid)
    _ = seteuid(status.st_uid)
}

private func printKey(_ key: PublicKey, device: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print("device: \(device)")
    if let json = try? encoder.encode(JSONWebKey(key)) { print("key: \(String(decoding: json, as: UTF8.self))") }
}
