package import Cues
import Faces
import Frames
package import Platform
package import Ports
package import Session

/// The two frame threads of one verification; dropping it ends both, with the camera off and all pixels zeroed.
///
/// Bound to the thread that made it; what the threads find comes through `mailbox`.
package final class VerificationPipeline {
    package enum Event: Sendable {
        case capture(CaptureLoop.Event)
        case analysis(AnalysisLoop.Event)
        /// All that was seen is zeroed and freed.
        case forgotten
    }

    /// A verification sees some hundred frames; a loop that is this far behind has stopped.
    package static let mailboxCapacity = 256
    /// Places that frames leave to events that may not be lost.
    private static let reservedPlaces = 16

    private let camera: any Camera
    private let time: any TimeSource
    private let mailbox: Mailbox<Event>
    private let counters: FrameCounters
    private let slot = LatestSlot<FrameLease>()
    private let orders = Monitor(AnalysisLoop.Orders())
    private let captureOrders = CaptureOrders()
    private var analysis: WorkerThread?
    private var capture: WorkerThread?

    package init(camera: any Camera, time: any TimeSource, mailbox: Mailbox<Event>, counters: FrameCounters) {
        self.camera = camera
        self.time = time
        self.mailbox = mailbox
        self.counters = counters
    }

    deinit {
        captureOrders.requestStop()
        forget()
    }

    /// Starts the analysis thread, which checks the portrait first.
    package func start(
        _ setup: Analyst.Setup, sealingKey: SealingKey?, portrait: consuming SecureBytes
    ) throws(Errno) {
        let loop = AnalysisLoop(slot: slot, orders: orders, counters: counters)
        let handover = Handover(loop: loop, portrait: portrait)
        let mailbox = mailbox
        let body: @Sendable () -> Void = {
            handover.run(setup: setup, sealingKey: sealingKey) { event in
                switch event {
                case .observed: mailbox.post(.analysis(event), leaving: Self.reservedPlaces)
                case .referenceAccepted, .referenceRefused, .packFailed, .compared: mailbox.post(.analysis(event))
                }
            }
            mailbox.post(.forgotten)
        }
        analysis = try WorkerThread(name: "analysis", fifoPriority: 10, body)
    }

    /// Starts the capture thread, which switches the camera on.
    package func startCapture() throws(Errno) {
        let loop = CaptureLoop(camera: camera, time: time, slot: slot, counters: counters, orders: captureOrders)
        let mailbox = mailbox
        let body: @Sendable () -> Void = { loop.run { mailbox.post(.capture($0)) } }
        capture = try WorkerThread(name: "capture", fifoPriority: 11, body)
    }

    package func stopCapture() { captureOrders.requestStop() }

    package func schedule(_ schedule: AnalysisSchedule) {
        orders.update { $0.schedule = schedule }
        captureOrders.exposure = schedule.exposure
    }

    /// Ends the analysis; `.forgotten` follows.
    package func forget() { orders.update { $0.isDismissed = true } }

    package func compare(_ lightRuns: [[LightSwitch]]) { orders.update { $0.comparison = lightRuns } }
}

/// Carries what only one thread may own into the analysis thread.
private final class Handover: @unchecked Sendable {
    private let loop: AnalysisLoop
    private var portrait: SecureBytes?

    init(loop: consuming AnalysisLoop, portrait: consuming SecureBytes) {
        self.loop = loop
        self.portrait = consume portrait
    }

    func run(setup: Analyst.Setup, sealingKey: SealingKey?, report: (AnalysisLoop.Event) -> Void) {
        guard let portrait = portrait.take() else { return }
        loop.run(setup: setup, sealingKey: sealingKey, portrait: portrait, report: report)
    }
}
