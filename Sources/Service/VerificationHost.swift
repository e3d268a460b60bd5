import Biometrics
import Configuration
import Cues
import Evidence
import Faces
import Interface
import Liveness
import Pipeline
import Platform
import Ports
import Session
import Varlink
import Workshop

/// Carries out the wishes of one verification and brings it the facts.
///
/// Thread-bound to the loop. Facts are handled one after another, so that an effect which yields a fact at once
/// never meets a half-changed state.
final class VerificationHost {
    private static let tickInterval = Duration.milliseconds(50)

    private let call: Call
    private let request: Counter.Request
    private let equipment: Equipment
    private let desk: LightDesk
    private let policy: Policy
    private let means: Means
    private let loop: EventLoop
    private let pipeline: VerificationPipeline
    private let records: Mailbox<RecordResult>
    /// Counts an ending that is recorded next.
    private let onCount: (Ending) -> CountedEnding
    private let onFault: (any Fault) -> Void
    private let onEnd: (Ending) -> Void
    private let startedAt: Timestamp
    private let framing: FramingRequirements
    private var verification: Verification
    private var facts: [Verification.Event] = []
    private var isHandling = false
    /// Until it is darkened, or lost.
    private var isLampLit = false
    private var portrait: SecureBytes?
    /// From the first look at the portrait until all is forgotten.
    private(set) var isAnalysing = false
    /// While the camera delivers.
    private(set) var isCapturing = false
    private var heldExposure: HeldExposure?
    private let portraitBinding: String
    private var sealedTemplate: [UInt8]?
    private var refusal: WireError?
    private var timer: EventLoop.Timer?
    /// What waits until all is forgotten, and how long it took.
    private var conclusion: (ending: Ending, duration: Duration)?
    private var commit: () -> Void = {}
    private var recording: WorkerThread?

    init(
        call: Call, request: Counter.Request, portrait: consuming SecureBytes, equipment: Equipment, desk: LightDesk,
        policy: Policy, means: Means, loop: EventLoop, pipeline: VerificationPipeline, records: Mailbox<RecordResult>,
        onFault: @escaping (any Fault) -> Void, onCount: @escaping (Ending) -> CountedEnding,
        onEnd: @escaping (Ending) -> Void
    ) {
        self.call = call
        self.request = request
        self.portraitBinding = bind(nonce: request.nonce, to: portrait)
        self.portrait = consume portrait
        self.equipment = equipment
        self.desk = desk
        self.policy = policy
        self.means = means
        self.loop = loop
        self.pipeline = pipeline
        self.records = records
        self.onFault = onFault
        self.onCount = onCount
        self.onEnd = onEnd
        self.startedAt = equipment.time.now()
        var generator = RandomDraw(from: equipment.randomness)
        var rules = policy.verification
        let challenges = rules.drawChallenges(from: policy.challenge, using: &generator)
        let patterns = rules.drawPatterns(from: equipment.lights.fixtures.illuminators, using: &generator)
        self.framing = rules.framing
        self.verification = Verification(policy: rules, challenges: challenges, patterns: patterns)
    }

    func begin() {
        call.onHangUp = { [weak self] in self?.handle(.cancelled) }
        tick()
        handle(.requested)
    }

    /// Ends a verification because the device stops.
    func stopDevice() { handle(.deviceStopping) }

    // MARK: Facts

    func receive(_ event: VerificationPipeline.Event) {
        switch event {
        case .capture(.started(let time)):
            isCapturing = true
            handle(.captureStarted(at: time))
        case .capture(.exposureHeld(let exposure)): heldExposure = exposure
        case .capture(.stopped):
            isCapturing = false
            handle(.captureStopped)
        case .capture(.failed(let fault)):
            isCapturing = false
            onFault(fault)
            handle(.captureFailed(fault))
        case .analysis(.referenceAccepted): handle(.referenceAccepted)
        case .analysis(.referenceRefused(let fault)):
            refusal = .referenceUnusable(Counter.ReferenceProblem(fault), fault)
            handle(.referenceRefused)
        case .analysis(.packFailed(let fault)):
            onFault(fault)
            refusal = .notReady(fault)
            handle(.referenceRefused)
        case .analysis(.observed(let reading)): handle(.observed(reading))
        case .analysis(.compared(var decisions, let sealedTemplate)):
            self.sealedTemplate = sealedTemplate
            decisions.light?.expect(means.calibration, at: heldExposure)
            handle(.compared(decisions))
        case .forgotten:
            isAnalysing = false
            settle()
        }
    }

    private func handle(_ fact: Verification.Event) {
        facts.append(fact)
        guard !isHandling else { return }
        isHandling = true
        while !facts.isEmpty {
            for effect in verification.handle(facts.removeFirst()) { perform(effect) }
        }
        isHandling = false
    }

    private func tick() {
        let wait = verification.due.map { max($0 - equipment.time.now(), .zero) } ?? Self.tickInterval
        timer = loop.schedule(at: .now() + min(wait, Self.tickInterval)) { [weak self] in
            guard let self else { return }
            handle(.ticked(at: equipment.time.now()))
            checkLamp()
            if !verification.hasEnded { tick() }
        }
    }

    // MARK: Effects

    private func perform(_ effect: Verification.Effect) {
        switch effect {
        case .checkReference: startAnalysis()
        case .lightLamp: lightLamp()
        case .darkenLamp: darkenLamp()
        case .startCapture: startCapture()
        case .stopCapture: pipeline.stopCapture()
        case .schedule(let schedule): pipeline.schedule(schedule)
        case .compare(let lightRuns): pipeline.compare(lightRuns)
        case .illuminate(let illuminators): illuminate(illuminators)
        case .show(let prompt):
            equipment.prompts?.show(prompt)
            desk.show(prompt?.instruction == nil ? .capturing : .instruct)
        case .report(let progress):
            guard call.wantsMore else { return }
            call.replyContinuing(WireCoding.encode(Counter.VerifyOutput(progress: Counter.Progress(progress))))
        case .conclude(let ending): conclude(ending)
        }
    }

    private func startAnalysis() {
        guard let portrait = portrait.take() else { return }
        do throws(Errno) {
            let setup = means.setup(framing, source: equipment.camera.source)
            try pipeline.start(setup, sealingKey: means.sealingKey, portrait: portrait)
            isAnalysing = true
        } catch {
            refusal = .notReady(problem: "No thread can be started: \(error).", remedy: "Restart the device.")
            handle(.referenceRefused)
        }
    }

    private func lightLamp() {
        do throws(LightsFault) {
            try desk.lightPrivacyLamp()
            isLampLit = true
            desk.endVerdict()
            desk.show(.capturing)
            handle(.lampLit)
        } catch {
            onFault(error)
            handle(.lampFailed(error))
        }
    }

    private func illuminate(_ illuminators: Illuminators) {
        do throws(LightsFault) {
            let begin = equipment.time.now()
            try desk.illuminate(illuminators)
            handle(.illuminated(LightSwitch(illuminators, from: begin, to: equipment.time.now())))
        } catch {
            onFault(error)
            handle(.illuminationFailed(at: equipment.time.now()))
        }
    }

    /// No camera goes on beside a lamp that went out on its own, as when its chip is gone.
    private func checkLamp() {
        guard isLampLit else { return }
        do throws(LightsFault) { try equipment.lights.check() } catch {
            isLampLit = false
            onFault(error)
            handle(.lampFailed(error))
        }
    }

    private func darkenLamp() {
        isLampLit = false
        do throws(LightsFault) { try desk.darkenPrivacyLamp() } catch { onFault(error) }
    }

    private func startCapture() {
        do throws(Errno) { try pipeline.startCapture() } catch {
            handle(.captureFailed(.system(call: "pthread_create", name: equipment.camera.name, error)))
        }
    }

    /// Ends once the analysis has: dropping it earlier would make the loop wait for it.
    private func conclude(_ ending: Ending) {
        if let timer { loop.cancel(timer) }
        conclusion = (ending, equipment.time.now() - startedAt)
        pipeline.forget()
        if !isAnalysing { settle() }
    }

    private func settle() {
        guard let (ending, duration) = conclusion else { return }
        switch ending {
        case .decided(let outcome): record(outcome, duration)
        case .referenceRefused, .unrecorded: end(ending) { if let refusal { call.fail(refusal) } }
        case .lightsUnavailable(let fault): end(ending) { call.fail(.lightsUnavailable(fault)) }
        case .cameraUnavailable(let fault): end(ending) { call.fail(.cameraUnavailable(fault)) }
        case .cancelled: end(ending) { call.fail(.deviceStops) }
        case .abandoned:
            let counted = onCount(ending)
            counted.commit()
            keep(nil, counted)
        }
    }

    /// Makes room for the next verification before the answer, after which it may come at once.
    private func end(_ ending: Ending, _ answer: () -> Void) {
        onEnd(ending)
        answer()
    }

    // MARK: Record

    private func record(_ outcome: Outcome, _ duration: Duration) {
        if outcome.verdict != .verified { sealedTemplate = nil }
        let claims = ReceiptClaims(
            outcome, request, policy, source: equipment.camera.source, pack: means.pack,
            thresholdSet: means.thresholds.name, portraitBinding: portraitBinding, firmware: equipment.firmware(),
            retained: retainedContent(), hasTemplate: sealedTemplate != nil, duration: duration)
        keep(claims, onCount(.decided(outcome)))
    }

    private func keep(_ claims: ReceiptClaims?, _ counted: CountedEnding) {
        commit = counted.commit
        do throws(Errno) { recording = try means.keeper.record(claims, counted.kept, to: records) } catch {
            receive(.failure(.unusable(path: "the log", detail: "no thread can be started: \(error)")))
        }
    }

    /// Answers with what is on the disk, or not at all.
    func receive(_ result: RecordResult) {
        switch result {
        case .success(let record):
            guard let record, case (.decided(let outcome), let duration)? = conclusion else { return onEnd(.abandoned) }
            end(.decided(outcome)) {
                commit()
                desk.showVerdict(isAccepted: outcome.verdict == .verified)
                answer(outcome, record, duration)
            }
        case .failure(let fault):
            onFault(fault)
            refusal = .notReady(fault)
            conclude(.unrecorded)
        }
    }

    private func answer(_ outcome: Outcome, _ record: EvidenceLog.Record, _ duration: Duration) {
        var wire = Counter.Outcome(
            outcome, transaction: request.transaction, source: equipment.camera.source,
            thresholdSet: means.thresholds.name, duration: duration)
        (wire.receipt, wire.sequence) = (record.text, record.head.sequence)
        wire.template = sealedTemplate.map { Base64URL.string($0) }
        call.reply(WireCoding.encode(Counter.VerifyOutput(outcome: wire)))
    }
}
