import Glibc
import Platform
import Ports

/// Why the device cannot keep evidence, or nobody read it.
package enum EvidenceFault: Fault, Hashable {
    /// The state folder or a file in it cannot be used: `detail` says what the kernel or the content says.
    case unusable(path: String, detail: String)
    case exposed(path: String)
    case inUse(path: String)
    case noState(path: String)
    case noLog(path: String)
    case newerState(path: String, version: String)
    case notCommissioned
    case keyMissing(path: String)
    case otherKey(path: String)
    case badKey(path: String, detail: String)
    case full(path: String)

    static func system(_ path: String, _ error: Errno) -> EvidenceFault {
        [ENOSPC, EDQUOT].contains(error.code) ? .full(path: path) : .unusable(path: path, detail: "\(error)")
    }

    package var problem: String {
        switch self {
        case .unusable(let path, let detail): "\(path) cannot be used: \(detail)."
        case .exposed(let path): "\(path) belongs to or is open to other users."
        case .inUse(let path): "\(path) is in use by another portraitd."
        case .noState(let path): "\(path) is no device's state folder."
        case .noLog(let path): "\(path) holds no log."
        case .newerState(let path, let version): "\(path) was written by a newer portraitd, in format \(version)."
        case .notCommissioned: "The device has no key, so nobody could check its receipts."
        case .keyMissing(let path): "The device has a name, but no key in \(path)."
        case .otherKey(let path): "The log in \(path) was signed with another key than the device has now."
        case .badKey(let path, let detail): "The key in \(path) cannot be used: \(detail)."
        case .full(let path): "The disk under \(path) is full."
        }
    }

    package var remedy: String {
        switch self {
        case .unusable(let path, _): "Check that \(path) exists, is writable, and belongs to portraitd's user."
        case .exposed(let path): "Give it to portraitd's user alone: chown and chmod go= \(path)."
        // Its sockets would start it again.
        case .inUse:
            "Stop the other portraitd first: systemctl stop portraitd-counter.socket portraitd-service.socket "
                + "portraitd.service."
        case .noState: "Name with --state the one that portraitd uses."
        case .noLog: "Name the folder log in a device's state folder, or a file of portraitctl receipts export."
        case .newerState: "Install that version again; to go back, export the log and decommission the device with it."
        case .notCommissioned: "Commission it: portraitctl commission, then register the printed key at the backend."
        case .keyMissing:
            "Hand it over as the credential portraitd.key, if it came as such. To change it, or when it is lost, "
                + "decommission the device, exchange the credential if it has one, start portraitd, and commission it."
        case .otherKey:
            "Give the device its key back, or decommission it, start portraitd, and commission it, which keeps this log "
                + "aside."
        case .badKey: "Import a PKCS #8 file as `openssl genpkey -algorithm ed25519` writes it, mode 0600."
        case .full: "Make room, or lower MaximumSize= in the configuration's section Log."
        }
    }
}

/// Runs `body` and names `path` in what goes wrong.
func naming<Result: ~Copyable>(
    _ path: String, _ body: () throws(Errno) -> Result
) throws(EvidenceFault) -> Result {
    do throws(Errno) { return try body() } catch { throw .system(path, error) }
}
