import Evidence
import Glibc
import Interface
import Platform
import Ports

/// Gives the device its name and key where no daemon runs; what it has, it keeps.
///
/// A key that comes as a credential reaches the daemon alone.
func commissionOffline(_ arguments: Arguments) -> ExitStatus {
    if let credential = keyCredential() {
        printError(
            "The device's key is the credential \(credential), which portraitd alone is given. Start it: "
                + "systemctl start portraitd-counter.socket portraitd-service.socket portraitd.service. "
                + "Then commission the device: portraitctl commission.")
        return .unavailable
    }
    let identity = withState(arguments, existing: false) { state throws(EvidenceFault) in
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
    let identity = withState(arguments, existing: true) { state throws(EvidenceFault) in
        let key = try state.rotateKey(clock: SystemWallClock())
        printError("The device signs with a new key, which the old one has announced in the log.")
        let device = try state.identity()?.device ?? ""
        return Identity(device: device, key: Device.PublicKey(JSONWebKey(key)))
    }
    return identity.map { export($0, arguments) } ?? .unavailable
}

/// Destroys name and key; the daemon must not run meanwhile.
func decommission(_ arguments: Arguments) -> ExitStatus {
    let done = withState(arguments, existing: true) { state throws(EvidenceFault) in
        (had: try state.decommission(), log: state.logPath)
    }
    guard let (had, log) = done else { return .unavailable }
    guard had.hadName || had.hadKey else {
        printError("The device was not commissioned: it had neither name nor key.")
        return .unavailable
    }
    let names = [had.hadName ? "name" : nil, had.hadKey ? "key" : nil].compactMap(\.self).joined(separator: " and ")
    print("Destroyed: \(names). The log is left in \(log); export it before it is deleted.")
    if let credential = keyCredential() {
        print("The key is NOT destroyed: it is the credential \(credential). Remove it there.")
    } else if !had.hadKey {
        print("No key was found here; if it came as the credential portraitd.key, remove it where that is kept.")
    }
    return .success
}

/// The file of the key's credential where systemd looks for one; `nil` where there is none.
private func keyCredential() -> String? {
    let stores = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].flatMap {
        ["\($0)/credstore", "\($0)/credstore.encrypted"]
    }
    return (stores + ["/run/credentials/@system", "/run/credentials/@encrypted"]).map { "\($0)/portraitd.key" }
        .first { unsafe access($0, F_OK) == 0 }
}

/// Hands over the state folder as its owner; `nil` when something is wrong, which is told.
private func withState<Result>(
    _ arguments: Arguments, existing: Bool, _ body: (borrowing DeviceState) throws(EvidenceFault) -> Result
) -> Result? {
    let path = arguments.state ?? Arguments.standardState
    let (user, group) = (geteuid(), getegid())
    becomeOwner(of: path)
    defer {
        _ = seteuid(user)
        _ = setegid(group)
    }
    do throws(EvidenceFault) {
        let state = try DeviceState(path: path, existing: existing)
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
