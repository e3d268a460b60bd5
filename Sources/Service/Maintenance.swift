import Evidence
import Interface
import Platform
import Ports
import Varlink

/// The time in which a technician works on the device, and nobody is verified.
///
/// Thread-bound to the loop.
final class Maintenance {
    /// After which it ends by itself.
    static let limit = Duration.seconds(600)

    private let loop: EventLoop
    /// Called when it began and when it ended.
    var onChange: (_ isOn: Bool) -> Void = { _ in }
    /// What the technician has the device do now; ends with the maintenance.
    private(set) var work: (any TechnicianWork)?
    private var end: (time: Timestamp, timer: EventLoop.Timer)?

    init(loop: EventLoop) { self.loop = loop }

    var isOn: Bool { end != nil }

    /// `nil` while there is none.
    var remaining: Duration? { end.map { max($0.time - loop.now(), .zero) } }

    /// Begins, or begins to count anew.
    func begin() {
        let wasOn = isOn
        if let end { loop.cancel(end.timer) }
        let time = loop.now() + Self.limit
        end = (time, loop.schedule(at: time) { [weak self] in self?.finish() })
        if !wasOn { onChange(true) }
    }

    func finish() {
        guard let end else { return }
        loop.cancel(end.timer)
        self.end = nil
        work?.stop()
        onChange(false)
    }

    /// Takes on work, which leaves by `workEnded`.
    func begin(_ work: any TechnicianWork) { self.work = work }

    func workEnded() { work = nil }
}

/// Something that the device does for a technician for a while.
protocol TechnicianWork: AnyObject {
    /// Ends it, and tells the caller.
    func stop()
}

extension WireError {
    static let maintenanceEnded = notPossible(
        problem: "The maintenance has ended.", remedy: "Begin it again: portraitctl maintenance on.")
    static let verificationRuns = notPossible(
        problem: "A verification is running.", remedy: "Wait until it has ended.")
}

extension CounterService {
    /// Why a technician's wish cannot be fulfilled now; `nil` when it can.
    func obstacle() -> WireError? {
        if current != nil { return .verificationRuns }
        guard maintenance.isOn else {
            return .notPossible(
                problem: "That is done in maintenance only.", remedy: "Begin it first: portraitctl maintenance on.")
        }
        guard maintenance.work == nil else {
            return .notPossible(
                problem: "Another technician's command is running.", remedy: "Wait until it has ended.")
        }
        return nil
    }

    func setMaintenance(_ call: Call) {
        do throws(WireCoding.InvalidParameter) {
            let input = try WireCoding.decode(Technician.MaintenanceInput.self, from: call.parameters)
            if input.isOn, current != nil {
                return call.fail(.verificationRuns)
            }
            input.isOn ? maintenance.begin() : maintenance.finish()
            let remaining = maintenance.remaining.map { Int($0.milliseconds) }
            call.reply(Technician.MaintenanceOutput(remainingMilliseconds: remaining))
        } catch {
            call.failInvalidParameter(error.name)
        }
    }

    /// Tells journal, log and lights; a log that cannot be written must not keep the technician out.
    func maintenanceChanged(isOn: Bool) {
        Log.write(.notice, "event: maintenance-\(isOn ? "began" : "ended")")
        do { try record(isOn ? .beganMaintenance : .endedMaintenance) } catch {
            Log.write(.warning, "event: maintenance-not-in-log, problem: \(error)")
        }
        showStanding()
        onChange()
    }

    private func record(_ deed: TechnicianDeed) throws {
        let keeper = try equipment.evidence.get()
        // Only a camera that was met knows whether it has a sensor.
        try? equipment.camera.check()
        try keeper.note(deed, for: equipment.camera.source)
    }

    // MARK: Cameras

    func listCameras(_ call: Call) {
        // Asking a driver takes its time, which a running verification does not have.
        guard current == nil else {
            return call.fail(.verificationRuns)
        }
        let output = Technician.CamerasOutput(
            cameras: equipment.bench?.cameras().map { Technician.Camera($0) } ?? [],
            pinned: try? equipment.evidence.get().pinnedCamera)
        call.reply(output)
    }

    func pinCamera(_ call: Call) {
        if let obstacle = obstacle() { return call.fail(obstacle) }
        guard let bench = equipment.bench else {
            return call.fail(
                .notPossible(
                    problem: "\(equipment.camera.name) is no camera on a cable.",
                    remedy: "Start portraitd with the board profile of a device."))
        }
        answer(call) {
            let identity = try bench.identify()
            try equipment.evidence.get().pin(identity)
            bench.pin(identity)
            Log.write(.notice, "event: camera-pinned, camera: \(identity)")
            try record(.pinned(identity))
            return Technician.PinOutput(pinned: identity)
        }
    }
}
