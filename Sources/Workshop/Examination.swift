import Evidence
import Faces
import Interface
import Pipeline
import Platform
import Ports
import Varlink

/// What takes time, on the calling thread.
private func examineSlowly(
    _ equipment: Equipment, demandsLight: Bool, _ stop: StopFlag, _ report: (Technician.Check) -> Void
) {
    let checks = trial(equipment, demandsLight: demandsLight, stop)
    // What was cut short says nothing.
    if stop.isRaised { return }
    for check in checks { report(check) }
    report(packCheck(equipment))
    if !stop.isRaised { report(inferenceCheck(equipment)) }
    if stop.isRaised { return }
    let check = logCheck(equipment, stop)
    if !stop.isRaised { report(check) }
}

private func trial(_ equipment: Equipment, demandsLight: Bool, _ stop: StopFlag) -> [Technician.Check] {
    do throws(CameraTrial.Failure) {
        let figures = try CameraTrial(
            camera: equipment.camera, lights: equipment.lights, pack: try? equipment.pack.get(), time: equipment.time,
            stop: stop
        ).run()
        return Checks.frames(figures, wanted: equipment.bench?.frameInterval)
            + [Checks.illuminators(figures, fixtures: equipment.lights.fixtures, demandsLight: demandsLight)]
    } catch {
        return [
            Technician.Check("frameRate", error.fault, seen: "", meaning: "Without frames nobody can be verified.")
        ]
    }
}

private func packCheck(_ equipment: Equipment) -> Technician.Check {
    let result = Result { () throws(PackFault) in
        let pack = try equipment.pack.get()
        try pack.verify()
        return pack
    }
    return Technician.Check(
        "pack", result.fault, seen: (try? result.get()).map { "\($0.name), all files as their hashes say" } ?? "",
        meaning: "Networks that were changed decide what they want.")
}

private func inferenceCheck(_ equipment: Equipment) -> Technician.Check {
    let start = Timestamp.now()
    let result = Result { () throws(PackFault) in try Analyst.rehearse(equipment.pack.get()) }
    return Technician.Check(
        "inference", result.fault,
        seen: "all networks load, and the detector ran, in \((Timestamp.now() - start).milliseconds) ms",
        meaning: "Without the networks no face is found.")
}

private func logCheck(_ equipment: Equipment, _ stop: StopFlag) -> Technician.Check {
    do throws(EvidenceFault) {
        let log = try equipment.evidence.get().extent(for: equipment.logSource)
        return auditCheck(at: log.path, time: equipment.time, stop: stop)
    } catch {
        return Technician.Check("log", error, seen: "", meaning: auditMeaning)
    }
}

private let auditMeaning = "A log that is not whole cannot prove what it says."
/// How long a technician waits for it.
private let longestAudit = Duration.seconds(30)

/// Reads a log as far as it comes in the time.
func auditCheck(at path: String, time: any TimeSource, stop: StopFlag) -> Technician.Check {
    func check(_ result: Technician.CheckResult, _ seen: String, remedy: String? = nil) -> Technician.Check {
        Technician.Check(name: "log", result: result, seen: seen, meaning: auditMeaning, remedy: remedy)
    }
    let end = time.now() + longestAudit
    do throws(AuditFailure) {
        let summary = try auditLog(at: path, keyName: nil, anchor: nil) { stop.isRaised || time.now() > end }
        return check(
            .pass, "\(summary.recordCount) records in an unbroken chain, \(summary.receiptCount) receipts")
    } catch {
        switch error {
        case .unreadable(let fault): return check(.fail, fault.problem, remedy: fault.remedy)
        case .defective(let defect):
            return check(
                .fail, "\(defect)",
                remedy: "Export it, then find the first bad record: portraitctl receipts verify.")
        case .stopped(let count):
            return check(
                .unknown, "the first \(count) records in an unbroken chain, then the time was up",
                remedy: "Have it read to its end: portraitctl receipts verify.")
        }
    }
}

extension Result where Failure: Fault {
    fileprivate var fault: (any Fault)? {
        switch self {
        case .success: nil
        case .failure(let fault): fault
        }
    }
}

extension Workshop {
    /// Examines the whole device: what can be asked at once, then what takes a thread its time.
    func examine(_ call: Call) {
        let (equipment, demandsLight) = (equipment, counter?.demandsLight ?? false)
        work(call, first: quickChecks, encode: { Technician.CheckOutput(check: $0) }) { stop, report in
            examineSlowly(equipment, demandsLight: demandsLight, stop, report)
            return nil
        }
    }

    /// What is known without waiting.
    private func quickChecks() -> [Technician.Check] {
        guard let status = counter?.status() else { return [] }
        let found = try? equipment.bench?.identify()
        let listed = equipment.bench?.cameras().first { $0.captures && $0.identity == found }
        let kernel = smallText(of: "/proc/sys/kernel/osrelease") ?? "unknown"
        let process = smallText(of: "/proc/self/status")
        return [
            check("node", status.camera, meaning: "Without the camera nobody can be verified."),
            Checks.identity(
                found: found, pinned: try? equipment.evidence.get().pinnedCamera, isDevice: equipment.bench != nil),
            Checks.bus(listed), Checks.linkSpeed(listed?.megabitsPerSecond), Checks.formats(listed?.formats),
            check("lights", status.lights, meaning: "Without the privacy lamp the camera stays off."),
            Checks.calibration(
                try? equipment.evidence.get().lightCalibration, fixtures: equipment.lights.fixtures),
            check("evidence", status.evidence, meaning: "Without key and log nothing is verified."),
            Checks.thresholds(
                mesh: (try? equipment.pack.get())?.models.first { $0.role == .mesh }?.digest.description,
                isDevice: equipment.bench != nil),
            Checks.disk(try? DiskSpace(holding: equipment.evidence.get().path)),
            Checks.memory(isLocked: status.isMemoryLocked, status: process),
            Checks.temperature(warmestZone()), Checks.clock(isSynchronised: isClockSynchronised()),
            Checks.sandbox(process),
            Technician.Check(
                name: "version", result: .pass, seen: "portraitd \(status.version), Linux \(kernel)",
                meaning: "Support asks for it."),
        ]
    }

    private func check(_ name: String, _ part: Device.Part, meaning: String) -> Technician.Check {
        Technician.Check(
            name: name, result: part.isReady ? .pass : .fail, seen: part.problem ?? "\(part.name) is ready",
            meaning: meaning, remedy: part.remedy)
    }
}

/// In °C; `nil` without any zone.
private func warmestZone() -> Double? {
    let folder = "/sys/class/thermal"
    let names = (try? visibleNames(in: folder)) ?? []
    let readings = names.filter { $0.hasPrefix("thermal_zone") }.compactMap {
        smallText(of: "\(folder)/\($0)/temp").flatMap { Double($0) }
    }
    return readings.max().map { $0 / 1000 }
}
