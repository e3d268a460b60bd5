import Evidence
import Glibc
import Interface
import Platform
import Ports

/// Gives the device its name and key where no daemon runs; what it has, it keeps.
func commissionOffline(_ arguments: Arguments) -> ExitStatus {
    withState(arguments) { state throws(EvidenceFault) in
        let wasCommissioned = try state.identity() != nil
        let device = try state.commission().device
        let log = try state.openLog(.device, credential: nil, limits: .unlimited, clock: SystemWallClock())
        printError("key: \(wasCommissioned ? "made before" : "made")")
        return export(Identity(device: device, key: Device.PublicKey(JSONWebKey(log.publicKey))), arguments)
    }
}

/// Changes the key; the daemon must not run meanwhile.
func rotateKey(_ arguments: Arguments) -> ExitStatus {
    withState(arguments) { state throws(EvidenceFault) in
        let key = try state.rotateKey(clock: SystemWallClock())
        printError("The device signs with a new key, which the old one has announced in the log.")
        let device = try state.identity()?.device ?? ""
        return export(Identity(device: device, key: Device.PublicKey(JSONWebKey(key))), arguments)
    }
}

/// Destroys name and key; the daemon must not run meanwhile.
func decommission(_ arguments: Arguments) -> ExitStatus {
    withState(arguments) { state throws(EvidenceFault) in
        try state.decommission()
        print("Name and key are destroyed. The log is left in \(state.logPath); export it before it is deleted.")
        return .success
    }
}

private func withState(
    _ arguments: Arguments, _ body: (borrowing DeviceState) throws(EvidenceFault) -> ExitStatus
) -> ExitStatus {
    let path = arguments.state ?? Arguments.standardState
    becomeOwner(of: path)
    do throws(EvidenceFault) {
        let state = try DeviceState(path: path)
        return try body(state)
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
