import Glibc
import Platform
import Ports
import Simulator

final class LoopClock { var now = Timestamp(nanoseconds: 0) }

/// A camera that can be plugged in and pulled out; used by one thread.
final class PlayedCamera: Camera, DeviceWatch, @unchecked Sendable {
    let time = ManualTime()
    let source = CaptureSource.virtual
    let name = "played"
    let maximumFrameByteCount = 64
    /// How long it takes to answer.
    var latency = Duration.zero
    var fault: CameraFault?
    /// Until it is raised, nobody learns whether the camera starts.
    var gate: StopFlag?
    private(set) var checkCount = 0
    private(set) var onChange: () -> Void = {}

    func check() throws(CameraFault) {
        checkCount += 1
        time.advance(by: latency)
        if let fault { throw fault }
    }

    func startStreaming() throws(CameraFault) -> any CameraStream {
        while let gate, !gate.isRaised { sched_yield() }
        throw .missing(name: name)
    }

    func attach(to loop: EventLoop, _ handler: @escaping () -> Void) throws(Errno) -> EventLoop.Watch {
        onChange = handler
        return try Waker().attach(to: loop, handler)
    }
}

/// Lights without indicators; used by one thread.
final class PlayedLights: Lights, @unchecked Sendable {
    let fixtures = LightState(privacyLamp: true, illuminators: .all)
    var fault: LightsFault?
    private(set) var shown: [LightState] = []

    func check() throws(LightsFault) { if let fault { throw fault } }

    func show(_ state: LightState) throws(LightsFault) {
        try check()
        shown.append(state)
    }
}
