import FoundationEssentials
import Glibc
import Interface
import Platform
import Ports
import Varlink

/// One file that can be sent to support: nothing in it is of a person, a transaction or a key.
private struct Report: Codable {
    var madeAt: String
    var status: Device.Status
    var identity: Device.Identity
    var cameras: Technician.CamerasOutput
    var checks: [Technician.Check]
    /// How many records of the log are of which kind; absent where it cannot be read.
    var records: [String: Int]?
    /// Why it cannot be read, and what to do.
    var recordsProblem: String?
    /// The texts of configuration and board profile, by their paths.
    var configuration: [String: String]
}

private struct SealedReport: Encodable {
    var report: Report
    /// SHA-256 of the text of `report` with its members sorted and without blanks, in hexadecimal.
    var sha256: String
}

private enum ReportLimit {
    static let byteCount = 1 << 20
    /// Of one configuration file.
    static let fileByteCount = 64 << 10
}

/// Writes the report to `path`, which must not exist.
func writeReport(to path: String, _ arguments: Arguments) -> ExitStatus {
    let report: Report
    do throws(CallFault) { report = try makeReport(arguments) } catch { return tell(error) }
    let digest = Digest(of: WireCoding.encode(report)).description
    let text = WireCoding.encode(SealedReport(report: report, sha256: digest)) + [UInt8(ascii: "\n")]
    guard text.count <= ReportLimit.byteCount else {
        printError("The report exceeds 1 MiB. Shorten the files below /etc/portraitd.")
        return .refusedInput
    }
    do throws(Errno) { try create(path, text) } catch {
        printError(refusal(to: path, error))
        return .refusedInput
    }
    print("\(path): \(text.count) bytes, safe to send; SHA-256 of its content \(digest)")
    return .success
}

private func makeReport(_ arguments: Arguments) throws(CallFault) -> Report {
    let checks = try inMaintenance(arguments) { () throws(CallFault) in try examine(arguments) }
    let status: Device.StatusOutput = try answer(arguments, "\(InterfaceTexts.device).GetStatus")
    let identity: Device.IdentityOutput = try answer(arguments, "\(InterfaceTexts.device).GetIdentity")
    let cameras: Technician.CamerasOutput = try answer(arguments, "\(InterfaceTexts.service).ListCameras")
    var report = Report(
        madeAt: SystemWallClock().now().text, status: status.status, identity: identity.identity, cameras: cameras,
        checks: checks, configuration: configurationTexts())
    // What is wrong with the log is what the report is made for.
    do throws(CallFault) { report.records = try countRecords(arguments) } catch {
        report.recordsProblem = error.description
    }
    return report
}

/// Reads `/etc/portraitd`; keys and templates' keys are files elsewhere, of which only paths stand there.
private func configurationTexts() -> [String: String] {
    var texts: [String: String] = [:]
    for folder in ["/etc/portraitd", "/etc/portraitd/portraitd.conf.d"] {
        for name in (try? visibleNames(in: folder)) ?? [] where name.hasSuffix(".conf") {
            guard let file = try? MappedFile(path: "\(folder)/\(name)"), file.count <= ReportLimit.fileByteCount
            else { continue }
            texts["\(folder)/\(name)"] = file.withBytes { bytes in
                unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
            }
        }
    }
    return texts
}

/// Says why `create` could not write a file, and what to do.
func refusal(to path: String, _ error: Errno) -> String {
    let place = error.code == EEXIST ? "a file that does not exist yet" : "a file where you may write and there is room"
    return "\(path) cannot be written: \(error). Name \(place)."
}

/// Writes a file that must not exist, for its owner alone; a part of it does not stay.
func create(_ path: String, _ text: [UInt8]) throws(Errno) {
    let file = try OwnedDescriptor(opening: path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    do throws(Errno) {
        try unsafe file.writeAll(text.span.bytes)
        try file.close()
    } catch {
        _ = unsafe unlink(path)
        throw error
    }
}
