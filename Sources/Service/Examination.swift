import Evidence
import Faces
import Interface
import Pipeline
import Platform
import Ports
import Varlink

/// Examines the whole device for a technician: what can be asked at once, then what takes a thread its time.
///
/// Thread-bound to the loop.
final class Examination: TechnicianWork {
    /// More checks than there are.
    private static let mailboxCapacity = 32

    private let call: Call
    private let mailbox: Mailbox<Technician.Check?>
    private let loop: EventLoop
    private let onEnd: () -> Void
    private let stopFlag = StopFlag()
    private var delivery: EventLoop.Watch?
    private var thread: WorkerThread?
    private var isStopped = false

    init(_ call: Call, loop: EventLoop, onEnd: @escaping () -> Void) throws(Errno) {
        self.call = call
        self.loop = loop
        self.onEnd = onEnd
        self.mailbox = try Mailbox(capacity: Self.mailboxCapacity)
    }

    /// Tells `checks`, then those of `equipment` that take time.
    func begin(_ checks: [Technician.Check], _ equipment: Equipment) throws(Errno) {
        delivery = try mailbox.deliver(on: loop) { [unowned self] in tell($0) }
        call.onHangUp = { [weak self] in self?.stopFlag.raise() }
        for check in checks { call.replyContinuing(WireCoding.encode(Technician.CheckOutput(check: check))) }
        let (mailbox, stopFlag) = (mailbox, stopFlag)
        thread = try WorkerThread(name: "examination") {
            examine(equipment, stopFlag) { mailbox.post($0) }
            mailbox.post(nil)
        }
    }

    func stop() {
        stopFlag.raise()
        isStopped = true
    }

    private func tell(_ check: Technician.Check?) {
        if let check { return call.replyContinuing(WireCoding.encode(Technician.CheckOutput(check: check))) }
        if let delivery { loop.unwatch(delivery) }
        isStopped ? call.fail(.maintenanceEnded) : call.reply(Technician.CheckOutput(check: nil))
        // Dropping it joins its thread: not from within its own delivery.
        loop.schedule(at: loop.now()) { [self] in onEnd() }
    }
}

/// What takes time, on the calling thread.
private func examine(_ equipment: Equipment, _ stop: StopFlag, _ report: (Technician.Check) -> Void) {
    for check in trial(equipment, stop) { report(check) }
    if !stop.isRaised { report(packCheck(equipment)) }
    if !stop.isRaised { report(inferenceCheck(equipment)) }
    if !stop.isRaised { report(logCheck(equipment)) }
}

private func trial(_ equipment: Equipment, _ stop: StopFlag) -> [Technician.Check] {
    do throws(CameraTrial.Failure) {
        let figures = try CameraTrial(camera: equipment.camera, lights: equipment.lights, stop: stop).run()
        return Checks.frames(figures, wanted: equipment.bench?.frameInterval)
            + [Checks.illuminators(figures, fixtures: equipment.lights.fixtures)]
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

private func logCheck(_ equipment: Equipment) -> Technician.Check {
    let meaning = "A log that is not whole cannot prove what it says."
    do {
        let log = try equipment.evidence.get().extent(for: equipment.camera.source)
        let summary = try auditLog(at: log.path, keyName: nil, anchor: nil)
        return Technician.Check(
            name: "log", result: .pass,
            seen: "\(summary.recordCount) records in an unbroken chain, \(summary.receiptCount) receipts",
            meaning: meaning)
    } catch let fault as EvidenceFault {
        return Technician.Check("log", fault, seen: "", meaning: meaning)
    } catch {
        return Technician.Check(
            name: "log", result: .fail, seen: "\(error)", meaning: meaning,
            remedy: "Export it, then find the first bad record: portraitctl receipts verify.")
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

extension CounterService {
    func examine(_ call: Call) {
        guard call.wantsMore else { return call.failExpectedMore() }
        if let obstacle = obstacle() { return call.fail(obstacle) }
        do throws(Errno) {
            let checks = quickChecks()
            let examination = try Examination(call, loop: loop) { [unowned self] in
                maintenance.workEnded()
                desk.takeBack()
            }
            desk.lend()
            maintenance.begin(examination)
            try examination.begin(checks, equipment)
        } catch {
            maintenance.workEnded()
            desk.takeBack()
            call.fail(.notPossible(problem: "No thread can be started: \(error).", remedy: "Restart the device."))
        }
    }

    /// What is known without waiting.
    private func quickChecks() -> [Technician.Check] {
        let status = status()
        let found = try? equipment.bench?.identify()
        let listed = equipment.bench?.cameras().first { $0.captures && $0.identity == found }
        let kernel = smallText(of: "/proc/sys/kernel/osrelease") ?? "unknown"
        let process = smallText(of: "/proc/self/status")
        return [
            check("node", status.camera, meaning: "Without the camera nobody can be verified."),
            Checks.identity(
                found: found, pinned: try? equipment.evidence.get().pinnedCamera, isDevice: equipment.bench != nil),
            Checks.formats(listed?.formats),
            check("lights", status.lights, meaning: "Without the privacy lamp the camera stays off."),
            check("evidence", status.evidence, meaning: "Without key and log nothing is verified."),
            Checks.disk(try? DiskSpace(holding: equipment.evidence.get().path)),
            Checks.memory(isLocked: status.isMemoryLocked, status: process),
            Checks.temperature(warmestZone()), Checks.clock(isSynchronised: isClockSynchronised()),
            Checks.sandbox(process),
            Technician.Check(
                name: "version", result: .pass, seen: "portraitd \(Self.version), Linux \(kernel)",
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
