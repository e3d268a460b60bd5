import Evidence
import Glibc
import Interface
import Platform
import Ports

/// Gives the device its name and key where no daemon runs; what it has, it keeps.
func commissionOffline(_ arguments: Arguments) -> ExitStatus {
    let identity = withState(arguments) { state throws(EvidenceFault) in
        let wasCommissioned = try state.identity() != nil
        let device = try state.commission().device
        let log = try state.openLog(.device, credential: nil, limits: .unlimited, clock: SystemWallClock())
        printError("key: \(wasCommissioned ? "made before" : "made")")
        return Identity(device: device, key: Device.PublicKey(JSONWebKey(log.publicKey)))
    }
    return identity.map { export($0, arguments) } ?? .unavailable
}

/// Changes the key; the daemon must not run meanwhile.
func rotateKey(_ arguments: Arguments) -> ExitStatus {
    let identity = withState(arguments) { state throws(EvidenceFault) in
        let key = try state.rotateKey(clock: SystemWallClock())
        printError("The device signs with a new key, which the old one has announced in the log.")
        let device = try state.identity()?.device ?? ""
        return Identity(device: device, key: Device.PublicKey(JSONWebKey(key)))
    }
    return identity.map { export($0, arguments) } ?? .unavailable
}

/// Destroys name and key; the daemon must not run meanwhile.
func decommission(_ arguments: Arguments) -> ExitStatus {
    let log = withState(arguments) { state throws(EvidenceFault) in
        try state.decommission()
        return state.logPath
    }
    guard let log else { return .unavailable }
    print("Name and key are destroyed. The log is left in \(log); export it before it is deleted.")
    return .success
}

/// Hands over the state folder as its owner; `nil` when something is wrong, which is told.
private func withState<Result>(
    _ arguments: Arguments, _ body: (borrowing DeviceState) throws(EvidenceFault) -> Result
) -> Result? {
    let path = arguments.state ?? Arguments.standardState
    let (user, group) = (geteuid(), getegid())
    becomeOwner(of: path)
    defer {
        _ = seteuid(user)
        _ = setegid(group)
    }
    do throws(EvidenceFault) {
        let state = try DeviceState(path: path)
        return try body(state)
    } catch {
        printError(error.description)
        return nil
    }
}

/// Files must belong to portraitd's user: root acts as the folder's owner.
private func becomeOwner(of path: String) {
    var status = stat()
    guard geteuid() == 0, unsafe stat(path, &status) == 0, status.st_uid != 0 else { return }
    _ = setegid(status.st_gid)
    _ = seteuid(status.st_uid)
}
