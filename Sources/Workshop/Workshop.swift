import Evidence
package import Interface
package import Platform
import Ports
package import Varlink

/// The counter's side of the device, as the workshop sees it.
package protocol CounterSide: AnyObject {
    /// Whether a verification runs now.
    var isVerifying: Bool { get }
    /// Whether a policy verifies nobody without the light challenge.
    var demandsLight: Bool { get }
    func status() -> Device.Status
    /// Asks the camera, so that it is known whether it has a sensor.
    func meetCamera()
    /// Maintenance began or ended, or a technician's command has given camera and lights back.
    func workshopChanged()
}

/// Has the device do what a technician wishes, one thing at a time, while nobody is verified.
///
/// Thread-bound to the loop.
package final class Workshop {
    let equipment: Equipment
    let desk: LightDesk
    let loop: EventLoop
    package let maintenance: Maintenance
    package weak var counter: (any CounterSide)?

    package init(_ equipment: Equipment, desk: LightDesk, loop: EventLoop) {
        self.equipment = equipment
        self.desk = desk
        self.loop = loop
        self.maintenance = Maintenance(loop: loop)
        maintenance.onChange = { [unowned self] in maintenanceChanged(isOn: $0) }
    }

    /// Answers a call; `false` when its method is not the workshop's.
    package func answer(_ call: Call) -> Bool {
        switch call.method {
        case "\(InterfaceTexts.service).SetMaintenance": setMaintenance(call)
        case "\(InterfaceTexts.service).ListCameras": listCameras(call)
        case "\(InterfaceTexts.service).PinCamera": pinCamera(call)
        case "\(InterfaceTexts.service).TestLights": testLights(call)
        case "\(InterfaceTexts.service).CalibrateLights": calibrateLights(call)
        case "\(InterfaceTexts.service).GetCommissioning": getCommissioning(call)
        case "\(InterfaceTexts.service).ConfirmLamp": confirmLamp(call)
        case "\(InterfaceTexts.service).Commission": commission(call)
        case "\(InterfaceTexts.service).Examine": examine(call)
        case "\(InterfaceTexts.service).Aim": aim(call)
        default: return false
        }
        return true
    }

    private var isVerifying: Bool { counter?.isVerifying ?? false }

    /// A technician's command has given camera and lights back.
    func workEnded() {
        maintenance.workEnded()
        desk.takeBack()
        counter?.workshopChanged()
    }

    /// Why a technician's wish cannot be fulfilled now; `nil` when it can.
    func obstacle() -> WireError? {
        if isVerifying { return .verificationRuns }
        guard maintenance.isOn else {
            return .notPossible(
                problem: "That is done in maintenance only.", remedy: "Begin it first: portraitctl maintenance on.")
        }
        guard !maintenance.isWorking else {
            return .notPossible(
                problem: "Another technician's command is running.", remedy: "Wait until it has ended.")
        }
        return nil
    }

    func setMaintenance(_ call: Call) {
        do throws(WireCoding.InvalidParameter) {
            let input = try WireCoding.decode(Technician.MaintenanceInput.self, from: call.parameters)
            if input.isOn, isVerifying {
                return call.fail(.verificationRuns)
            }
            let isHeld = input.isOn && call.wantsMore && !maintenance.isOn
            input.isOn ? maintenance.begin(for: call.wantsMore ? call : nil) : maintenance.finish()
            let remaining = maintenance.remaining.map { Int($0.milliseconds) }
            let output = Technician.MaintenanceOutput(remainingMilliseconds: remaining)
            isHeld ? call.replyContinuing(WireCoding.encode(output)) : call.reply(output)
        } catch {
            call.failInvalidParameter(error.name)
        }
    }

    /// Tells journal, log and lights; a log that cannot be written must not keep the technician out.
    private func maintenanceChanged(isOn: Bool) {
        Log.write(.notice, "event: maintenance-\(isOn ? "began" : "ended")")
        do { try record(isOn ? .beganMaintenance : .endedMaintenance) } catch {
            Log.write(.warning, "event: maintenance-not-in-log, problem: \(error)")
        }
        counter?.workshopChanged()
    }

    private func record(_ deed: TechnicianDeed) throws {
        let keeper = try equipment.evidence.get()
        // Only a camera that was met knows whether it has a sensor.
        counter?.meetCamera()
        try keeper.note(deed, for: equipment.logSource)
    }

    // MARK: Cameras

    func listCameras(_ call: Call) {
        // Asking a driver takes its time, which a running verification does not have.
        guard !isVerifying else {
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
            // A device without a key has no log; that will begin with the camera.
            do { try record(.pinned(identity)) } catch EvidenceFault.notCommissioned {}
            return Technician.PinOutput(pinned: identity)
        }
    }
}
