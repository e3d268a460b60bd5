import Faces
import Interface
import Pipeline
package import Platform
import Ports
import Session
package import Varlink

/// Answers the calls of `io.portraitd.Counter` and `io.portraitd.Device`: one verification at a time.
///
/// Thread-bound to its loop.
package final class CounterService {
    package static let version = "0.1.0"

    private let loop: EventLoop
    private let equipment: Equipment
    private let policy = VerificationPolicy()
    private let counters = FrameCounters()
    private let mailbox: Mailbox<VerificationPipeline.Event>
    private var delivery: EventLoop.Watch?
    private let startedAt: Timestamp
    private var current: VerificationHost?
    private var verificationCount = 0
    private var lastFault: (fault: any Fault, time: Timestamp)?
    private var onIdle: (() -> Void)?

    package init(loop: EventLoop, equipment: Equipment) throws(Errno) {
        self.loop = loop
        self.equipment = equipment
        self.startedAt = equipment.time.now()
        self.mailbox = try Mailbox(capacity: VerificationPipeline.mailboxCapacity)
        self.delivery = try mailbox.deliver(on: loop) { [unowned self] event in current?.receive(event) }
    }

    /// Serves both interfaces with this service.
    package func makeServer() throws(InterfaceDescription.Fault) -> VarlinkServer {
        VarlinkServer(
            loop: loop,
            identity: .init(
                vendor: "portraitd", product: "portraitd", version: Self.version, url: "https://portraitd.invalid"),
            interfaces: try InterfaceTexts.all(), secretPath: ["parameters", "request", "portrait"]
        ) { [unowned self] call in handle(call) }
    }

    /// Ends a running verification, then calls `body`.
    package func stop(then body: @escaping () -> Void) {
        guard let current else { return body() }
        onIdle = body
        current.stopDevice()
    }

    private func handle(_ call: Call) {
        switch call.method {
        case "\(InterfaceTexts.counter).Verify": verify(call)
        case "\(InterfaceTexts.device).GetStatus":
            call.reply(WireCoding.encode(Device.StatusOutput(status: status())))
        default: call.failMethodNotImplemented()
        }
    }

    // MARK: Verify

    private func verify(_ call: Call) {
        // A verification whose verdict nobody reads would only light the lamp.
        if call.isOneway { return call.failInvalidParameter("oneway") }
        do {
            let request = try WireCoding.decode(Counter.VerifyInput.self, from: call.parameters).request
            try check(request)
            guard let portrait = call.takeSecret(), portrait.count > 0 else {
                return call.failInvalidParameter("portrait")
            }
            guard current == nil else { return fail(call, .busy) }
            start(call, request, portrait)
        } catch let refusal as WireCoding.InvalidParameter {
            call.failInvalidParameter(refusal.name)
        } catch RequestRefusal.invalidParameter(let name) {
            call.failInvalidParameter(name)
        } catch {
            fail(call, .consentMissing)
        }
    }

    private func start(_ call: Call, _ request: Counter.Request, _ portrait: consuming SecureBytes) {
        let pack: ModelPack
        switch equipment.pack {
        case .success(let loaded): pack = loaded
        case .failure(let fault): return fail(call, .notReady(problem: fault.problem, remedy: fault.remedy))
        }
        let pipeline = VerificationPipeline(
            camera: equipment.camera, time: equipment.time, mailbox: mailbox, counters: counters)
        let host = VerificationHost(
            call: call, transaction: request.transaction, portrait: portrait, equipment: equipment, pack: pack,
            policy: policy, loop: loop, pipeline: pipeline,
            onFault: { [unowned self] in note($0) }, onEnd: { [unowned self] in finish($0) })
        current = host
        Log.write(.notice, "event: verification-started")
        host.begin()
    }

    private func finish(_ ending: Ending) {
        verificationCount += 1
        Log.write(.notice, "event: verification-ended, \(Self.summary(ending))")
        // Dropping the host joins its threads: not from within one of its own calls.
        loop.schedule(at: .now()) { [self] in
            current = nil
            while mailbox.take() != nil {}
            onIdle?()
        }
    }

    private static func summary(_ ending: Ending) -> String {
        switch ending {
        case .decided(let outcome):
            "verdict: \(outcome.verdict.rawValue), reasons: [\(outcome.reasons.map(\.rawValue).joined(separator: " "))]"
        case .referenceRefused: "refused: reference"
        case .lightsUnavailable: "refused: lights"
        case .cameraUnavailable: "refused: camera"
        case .cancelled: "cancelled"
        }
    }

    private func fail(_ call: Call, _ error: WireError) { call.fail(error.name, WireCoding.encode(error.parameters)) }

    private func note(_ fault: any Fault) {
        lastFault = (fault, equipment.time.now())
        Log.write(.error, "event: fault, problem: \(fault.problem)")
    }

    // MARK: GetStatus

    private func status() -> Device.Status {
        let now = equipment.time.now()
        let camera = Device.Part(name: equipment.camera.name, fault: fault(of: equipment.camera))
        let lights = Device.Part(name: "lights", fault: fault(of: equipment.lights))
        let pack =
            switch equipment.pack {
            case .success(let pack): Device.Part(name: pack.name, fault: nil)
            case .failure(let fault): Device.Part(name: "pack", fault: fault)
            }
        return Device.Status(
            isReady: camera.isReady && lights.isReady && pack.isReady, isBusy: current != nil, version: Self.version,
            uptimeMilliseconds: Int((now - startedAt).milliseconds), camera: camera,
            source: equipment.camera.source, lights: lights, pack: pack, framesReceived: counters.receivedCount,
            framesDropped: counters.droppedCount, verifications: verificationCount,
            lastFault: lastFault.map {
                Device.PastFault(
                    problem: $0.fault.problem, remedy: $0.fault.remedy,
                    ageMilliseconds: Int((now - $0.time).milliseconds))
            },
            simulated: equipment.simulated, isMemoryLocked: SecureMemory.unlockedBlockCount == 0)
    }

    private func fault(of camera: any Camera) -> (any Fault)? {
        // A camera that is on is there; asking it again could disturb it.
        if current != nil { return nil }
        do throws(CameraFault) { try camera.check() } catch { return error }
        return nil
    }

    private func fault(of lights: any Lights) -> (any Fault)? {
        do throws(LightsFault) { try lights.check() } catch { return error }
        return nil
    }
}
