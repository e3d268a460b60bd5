import Frames
import Platform
import Ports
import Simulator

/// A camera of thirty frames a second that delivers what a script says, and is then pulled off its cable.
final class PlayedCamera: Camera, @unchecked Sendable {
    enum Step {
        case good
        /// Marked as broken by the driver.
        case broken
        /// Whole for the driver, and no picture.
        case unreadable
        /// Numbered by the driver, and never seen: the next one comes instead.
        case lost
        /// Filled before the camera was switched on.
        case old
    }

    let time = ManualTime()
    let source = CaptureSource.simulator
    let name = "played"
    let maximumFrameByteCount = 64
    fileprivate(set) var isOn = false
    fileprivate(set) var deliveredCount = 0
    /// What was asked of the exposure, one after the other.
    fileprivate(set) var holds: [Double?] = []
    /// Is told the number of each frame.
    var onFrame: (Int) -> Void = { _ in }
    fileprivate let steps: [Step]

    init(_ steps: [Step]) { self.steps = steps }

    func check() throws(CameraFault) {}

    func startStreaming() throws(CameraFault) -> any CameraStream {
        isOn = true
        return PlayedStream(self)
    }
}

private final class PlayedStream: CameraStream {
    private let camera: PlayedCamera
    private let start: Timestamp

    init(_ camera: PlayedCamera) {
        self.camera = camera
        self.start = camera.time.now()
    }

    func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease? {
        while camera.deliveredCount < camera.steps.count, camera.steps[camera.deliveredCount] == .lost {
            camera.deliveredCount += 1
            camera.time.advance(by: .nanoseconds(33_333_333))
        }
        guard camera.deliveredCount < camera.steps.count else { throw .unplugged(name: camera.name) }
        let step = camera.steps[camera.deliveredCount]
        camera.deliveredCount += 1
        camera.onFrame(camera.deliveredCount)
        camera.time.advance(by: .nanoseconds(33_333_333))
        guard step != .broken, var frame = pool.lease() else { return nil }
        frame.format =
            step == .unreadable
            ? FrameFormat(.motionJPEG, width: 8, height: 8, stride: 0)
            : FrameFormat(.grey, width: 8, height: 8, stride: 8)
        frame.byteCount = 64
        frame.sequence = UInt32(camera.deliveredCount)
        frame.timestamp = step == .old ? start - .nanoseconds(1) : camera.time.now()
        return frame
    }

    func holdExposure(at share: Double?) { camera.holds.append(share) }

    func stop() { camera.isOn = false }
}
