import Biometrics
import Faces
import Interface
import Liveness
import Pipeline
import Platform
import Ports
import Session
import Varlink

/// Carries out the wishes of one verification and brings it the facts.
///
/// Thread-bound to the loop. Facts are handled one after another, so that an effect which yields a fact at once
/// never meets a half-changed state.
final class VerificationHost {
    private static let tickInterval = Duration.milliseconds(50)

    private let call: Call
    private let transaction: String
    private let equipment: Equipment
    private let pack: ModelPack
    private let policy: VerificationPolicy
    private let loop: EventLoop
    private let pipeline: VerificationPipeline
    private let onFault: (any Fault) -> Void
    private let onEnd: (Ending) -> Void
    private let startedAt: Timestamp

    private var verification: Verification
    private var facts: [Verification.Event] = []
    private var isHandling = false
    private var portrait: SecureBytes?
    private var refusal: WireError?
    private var timer: EventLoop.Timer?

    init(
        call: Call, transaction: String, portrait: consuming SecureBytes, equipment: Equipment, pack: ModelPack,
        policy: VerificationPolicy, loop: EventLoop, pipeline: VerificationPipeline,
        onFault: @escaping (any Fault) -> Void, onEnd: @escaping (Ending) -> Void
    ) {
        self.call = call
        self.transaction = transaction
        self.portrait = consume portrait
        self.equipment = equipment
        self.pack = pack
        self.policy = policy
        self.loop = loop
        self.pipeline = pipeline
        self.onFault = onFault
        self.onEnd = onEnd
        self.startedAt = equipment.time.now()
        var generator = SystemRandomNumberGenerator()
        let challenges = (0...policy.restarts).map { _ in Challenge.draw(using: &generator) }
        self.verification = Verification(policy: policy, challenges: challenges)
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
        case .capture(.started(let time)): handle(.captureStarted(at: time))
        case .capture(.stopped): handle(.captureStopped)
        case .capture(.failed(let fault)):
            onFault(fault)
            handle(.captureFailed(fault))
        case .analysis(.referenceAccepted): handle(.referenceAccepted)
        case .analysis(.referenceRefused(let fault)):
            refusal = .referenceUnusable(Counter.ReferenceProblem(fault), fault)
            handle(.referenceRefused)
        case .analysis(.packFailed(let fault)):
            onFault(fault)
            refusal = .notReady(problem: fault.problem, remedy: fault.remedy)
            handle(.referenceRefused)
        case .analysis(.observed(let frame, let sample)): handle(.observed(frame, sample: sample))
        case .analysis(.compared(let decisions)): handle(.compared(decisions))
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
        timer = loop.schedule(at: .now() + Self.tickInterval) { [weak self] in
            guard let self else { return }
            handle(.ticked(at: equipment.time.now()))
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
        case .compare: pipeline.compare()
        case .show(let prompt): equipment.prompts?.show(prompt)
        case .report(let progress):
            guard call.wantsMore else { return }
            call.replyContinuing(WireCoding.encode(Counter.VerifyOutput(progress: Counter.Progress(progress))))
        case .conclude(let ending): conclude(ending)
        }
    }

    private func startAnalysis() {
        guard let portrait = portrait.take() else { return }
        do throws(Errno) {
            try pipeline.start(pack: pack, requirements: policy.framing, portrait: portrait)
        } catch {
            refusal = .notReady(problem: "No thread can be started: \(error).", remedy: "Restart the device.")
            handle(.referenceRefused)
        }
    }

    private func lightLamp() {
        do throws(LightsFault) {
            try equipment.lights.show(LightState(privacyLamp: true))
            handle(.lampLit)
        } catch {
            onFault(error)
            handle(.lampFailed(error))
        }
    }

    private func darkenLamp() {
        do throws(LightsFault) { try equipment.lights.show(.dark) } catch { onFault(error) }
    }

    private func startCapture() {
        do throws(Errno) { try pipeline.startCapture() } catch {
            handle(.captureFailed(.system(call: "pthread_create", name: equipment.camera.name, error)))
        }
    }

    private func conclude(_ ending: Ending) {
        if let timer { loop.cancel(timer) }
        // Before the answer, after which the client's next call may come at once.
        onEnd(ending)
        switch ending {
        case .decided(let outcome): answer(outcome)
        case .referenceRefused: fail(refusal)
        case .lightsUnavailable(let fault): fail(.lightsUnavailable(fault))
        case .cameraUnavailable(let fault): fail(.cameraUnavailable(fault))
        case .cancelled: fail(.notReady(problem: "The device stops.", remedy: "Try again when it has started."))
        }
    }

    private func answer(_ outcome: Outcome) {
        let wire = Counter.Outcome(
            outcome, transaction: transaction, source: equipment.camera.source,
            thresholdSet: pack.thresholds.name, duration: equipment.time.now() - startedAt)
        call.reply(WireCoding.encode(Counter.VerifyOutput(outcome: wire)))
    }

    private func fail(_ error: WireError?) {
        guard let error else { return }
        call.fail(error.name, WireCoding.encode(error.parameters))
    }
}

extension Counter.ReferenceProblem {
    fileprivate init(_ fault: ReferenceFault) {
        switch fault {
        case .notJPEG: self = .notJPEG
        case .tooLarge: self = .tooLarge
        case .corrupt: self = .corrupt
        case .noFace: self = .noFace
        case .severalFaces: self = .severalFaces
        case .tooSmall: self = .tooSmall
        case .tooBlurred: self = .tooBlurred
        case .turnedAway: self = .turnedAway
        }
    }
}
