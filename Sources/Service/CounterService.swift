package import Configuration
import Evidence
import Faces
import Interface
import Liveness
import Pipeline
package import Platform
import Ports
import Session
package import Varlink
package import Workshop

/// Answers the calls of the device's interfaces: one verification at a time.
///
/// Thread-bound to its loop.
package final class CounterService {
    package static let version = "0.1.0"
    /// udev makes a node, then gives it to its group and links to it.
    private static let settlingTime = Duration.milliseconds(100)
    /// Between one look at changed devices and the next, or four times as long as the look took: whoever may touch a
    /// node can do so without end.
    private static let restingTime = Duration.milliseconds(500)

    let equipment: Equipment
    let counters = FrameCounters()
    let startedAt: Timestamp
    let loop: EventLoop
    private let mailbox: Mailbox<VerificationPipeline.Event>
    private let records: Mailbox<RecordResult>
    private var deliveries: [EventLoop.Watch] = []
    private(set) var configuration: Configuration
    private(set) var current: VerificationHost?
    private(set) var verificationCount = 0
    private(set) var lastFault: (fault: any Fault, time: Timestamp)?
    /// Whether the device failed in the verification that ended last.
    private(set) var lastFailed = false
    private var hasFailed = false
    let desk: LightDesk
    package let cameraInquiry: CameraInquiry
    let workshop: Workshop
    var maintenance: Maintenance { workshop.maintenance }
    private var tries: TryBook
    private var onStop: (() -> Void)?
    /// Called when `GetStatus` may have something new to say.
    package var onChange: () -> Void = {}
    /// Until then, what else comes or goes is part of the same change.
    private var settling: EventLoop.Timer?
    private var restingEnd: Timestamp
    private var changedStatus: String?
    /// Another thread writes the log.
    private(set) var isRecording = false
    /// What waits until the record is on the disk, since the loop must not.
    private var waiting: [() -> Void] = []

    package init(loop: EventLoop, equipment: Equipment, configuration: Configuration) throws(Errno) {
        self.loop = loop
        self.equipment = equipment
        self.configuration = configuration
        self.startedAt = equipment.time.now()
        self.restingEnd = loop.now()
        self.cameraInquiry = CameraInquiry(equipment.camera, time: equipment.time)
        self.desk = LightDesk(equipment.lights, patterns: equipment.signals, loop: loop) { fault in
            Log.write(.warning, "event: signal-failed, problem: \(fault.problem)")
        }
        self.workshop = Workshop(equipment, desk: desk, loop: loop)
        if let pinned = try? equipment.evidence.get().pinnedCamera { equipment.bench?.pin(pinned) }
        let kept = try? equipment.evidence.get().keptTries()
        self.tries = TryBook(configuration.limits, kept: kept ?? nil, at: equipment.time.now())
        self.mailbox = try Mailbox(capacity: VerificationPipeline.mailboxCapacity)
        self.records = try Mailbox(capacity: 1)
        self.deliveries = [
            try mailbox.deliver(on: loop) { [unowned self] event in current?.receive(event) },
            try records.deliver(on: loop) { [unowned self] result in current?.receive(result) },
        ]
        // From now on dark, where a line that nobody drives would follow the board's pull.
        do throws(LightsFault) { try desk.darkenPrivacyLamp() } catch { note(error) }
        workshop.counter = self
        if let watch = equipment.watch {
            deliveries.append(try watch.attach(to: loop) { [unowned self] in deviceChanged() })
        }
    }

    /// Looks again when a device that came or went has settled.
    private func deviceChanged() {
        guard settling == nil else { return }
        settling = loop.schedule(at: max(loop.now() + Self.settlingTime, restingEnd)) { [unowned self] in
            settling = nil
            let begin = loop.now()
            lookAgain()
            let end = loop.now()
            restingEnd = end + max(Self.restingTime, (end - begin) * 4)
        }
    }

    private func lookAgain() {
        cameraInquiry.forget()
        let status = statusLine
        if status != changedStatus { Log.write(.notice, "event: device-changed, status: \(status)") }
        changedStatus = status
        showStanding()
        onChange()
    }

    /// Lets the indicators tell whether a verification could start, with all other lights dark.
    package func showStanding() {
        guard current == nil else { return }
        // Takes lines that were not to be had before; the status tells those that are still not.
        if !maintenance.isWorking { try? desk.darkenPrivacyLamp() }
        desk.show(maintenance.isOn ? .maintenance : status().isReady ? .ready : .outOfOrder)
    }

    /// Serves the point-of-sale software, or with `forTechnicians` technicians and auditors.
    package func makeServer(forTechnicians: Bool = false) throws(InterfaceDescription.Fault) -> VarlinkServer {
        var interfaces = try InterfaceTexts.all()
        if forTechnicians { interfaces.append(try InterfaceTexts.serviceOnly()) }
        return VarlinkServer(
            loop: loop,
            identity: .init(
                vendor: "portraitd", product: "portraitd", version: Self.version, url: "https://portraitd.invalid"),
            interfaces: interfaces, secretPath: ["parameters", "request", "portrait"]
        ) { [unowned self] call in handle(call) }
    }

    /// Decides the next verifications; one that runs goes on as it began.
    package func change(_ configuration: Configuration) {
        self.configuration = configuration
        tries.change(configuration.limits, at: equipment.time.now())
        if case .success(let keeper) = equipment.evidence { whenLogIsFree { keeper.change(configuration.log) } }
    }

    /// Ends a running verification or a technician's work, then calls `body`, with camera and lights off.
    package func stop(then body: @escaping () -> Void) {
        maintenance.finish()
        guard current != nil || maintenance.isWorking else { return body() }
        onStop = body
        current?.stopDevice()
    }

    private func handle(_ call: Call) {
        switch call.method {
        case "\(InterfaceTexts.counter).Verify": verify(call)
        case "\(InterfaceTexts.device).GetStatus": call.reply(WireCoding.encode(Device.StatusOutput(status: status())))
        default: whenLogIsFree { [unowned self] in answerWithLog(call) }
        }
    }

    private func whenLogIsFree(_ body: @escaping () -> Void) {
        isRecording ? waiting.append(body) : body()
    }

    // MARK: Verify

    private func verify(_ call: Call) {
        // A verification whose verdict nobody reads would only light the lamp.
        if call.isOneway { return call.failInvalidParameter("oneway") }
        do throws(RequestRefusal) {
            let request = try decode(call.parameters)
            let policy = try check(request, configuration)
            guard let portrait = call.takeSecret(), portrait.count > 0 else { throw .invalidParameter("portrait") }
            guard current == nil else { throw .refused(.busy) }
            // What a technician had the device do may take a moment longer to end.
            let maintenance = maintenance.remaining ?? (maintenance.isWorking ? .zero : nil)
            if let maintenance { throw .refused(.maintenance(maintenance)) }
            if let refusal = tries.refusal(request, connection: call.connectionNumber, at: equipment.time.now()) {
                throw .refused(refusal)
            }
            let means = try means(for: policy)
            guard tries.useNonce(of: request) else { throw .refused(.nonceUsed) }
            start(call, request, policy, means, portrait)
        } catch {
            switch error {
            case .invalidParameter(let name): call.failInvalidParameter(name)
            case .refused(let error): call.fail(error)
            }
        }
    }

    private func decode(_ parameters: [UInt8]) throws(RequestRefusal) -> Counter.Request {
        do throws(WireCoding.InvalidParameter) {
            return try WireCoding.decode(Counter.VerifyInput.self, from: parameters).request
        } catch {
            throw .invalidParameter(error.name)
        }
    }

    /// What a verification needs before the portrait is looked at: models, thresholds, a place for the record.
    private func means(for policy: Policy) throws(RequestRefusal) -> VerificationHost.Means {
        do {
            let (pack, keeper) = (try equipment.pack.get(), try equipment.evidence.get())
            // Only a camera that was met knows whether it has a sensor; its fault is told when it starts.
            meetCamera()
            try keeper.prepare(for: equipment.camera.source)
            guard let thresholds = pack.thresholds(named: policy.thresholds) else {
                throw RequestRefusal.refused(
                    .notReady(
                        problem: "Policy \(policy.name) compares with thresholds that the model pack does not have.",
                        remedy: "Run portraitd --check-configuration, and correct Thresholds=."))
            }
            return VerificationHost.Means(
                pack: pack, thresholds: thresholds, keeper: keeper, calibration: keeper.lightCalibration,
                sealingKey: try policy.sealingKey())
        } catch let refusal as RequestRefusal {
            throw refusal
        } catch let fault as any Fault {
            note(fault)
            throw .refused(.notReady(fault))
        } catch {
            throw .refused(.notReady(problem: "\(error)", remedy: "Restart the device."))
        }
    }

    private func start(
        _ call: Call, _ request: Counter.Request, _ policy: Policy, _ means: VerificationHost.Means,
        _ portrait: consuming SecureBytes
    ) {
        let pipeline = VerificationPipeline(
            camera: equipment.camera, time: equipment.time, mailbox: mailbox, counters: counters)
        let host = VerificationHost(
            call: call, request: request, portrait: portrait, equipment: equipment, desk: desk, policy: policy,
            means: means, loop: loop, pipeline: pipeline, records: records, onFault: { [unowned self] in note($0) },
            onCount: { [unowned self, number = call.connectionNumber] ending in
                isRecording = true
                let now = equipment.time.now()
                func count(in tries: inout TryBook) {
                    tries.note(ending, of: request, policy: policy, connection: number, at: now)
                }
                var next = tries
                count(in: &next)
                let kept = KeptCount(before: tries.kept(at: now), counted: next.kept(at: now))
                return (kept, { [unowned self] in count(in: &tries) })
            },
            onEnd: { [unowned self] in finish($0) })
        current = host
        hasFailed = false
        Log.write(.notice, "event: verification-started, policy: \(policy.name)")
        host.begin()
    }

    private func finish(_ ending: Ending) {
        verificationCount += 1
        lastFailed = hasFailed
        Log.write(.notice, "event: verification-ended, \(Self.summary(ending))")
        // Dropping the host joins its threads: not from within one of its own calls.
        loop.schedule(at: .now()) { [self] in
            (current, isRecording) = (nil, false)
            while mailbox.take() != nil {}
            workshopChanged()
            let bodies = waiting
            waiting = []
            for body in bodies { body() }
        }
    }

    private static func summary(_ ending: Ending) -> String {
        switch ending {
        case .decided(let outcome):
            "verdict: \(outcome.verdict.rawValue), reasons: [\(outcome.reasons.map(\.rawValue).joined(separator: " "))]"
        case .unrecorded: "not recorded"
        case .referenceRefused: "refused: reference"
        case .lightsUnavailable: "refused: lights"
        case .cameraUnavailable: "refused: camera"
        case .cancelled: "cancelled"
        case .abandoned: "cancelled in the challenge"
        }
    }

    private func note(_ fault: any Fault) {
        lastFault = (fault, equipment.time.now())
        hasFailed = true
        Log.write(.error, "event: fault, problem: \(fault.problem)")
    }
}

extension CounterService: CounterSide {
    package var isVerifying: Bool { current != nil }

    package func meetCamera() { _ = cameraInquiry.fault() }

    package var demandsLight: Bool { configuration.policies.contains { $0.verification.light == .yes } }

    package func workshopChanged() {
        showStanding()
        onChange()
        if current == nil, !maintenance.isWorking { onStop?() }
    }
}
