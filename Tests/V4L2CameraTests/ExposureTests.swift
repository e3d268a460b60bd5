import Frames
import Glibc
import Platform
import Ports
import Testing
import V4L2Camera

private let (balance, mode, time): (UInt32, UInt32, UInt32) = (0x0098_090C, 0x009A_0901, 0x009A_0902)
private let gain: UInt32 = 0x0098_0913

/// How exposure and white balance are held, on a camera that keeps what it was told as uvcvideo's do.
@Suite struct ExposureTests {
    private let kernel = PlayedKernel(offering: [offer("MJPG", stride: 0)])

    init() { kernel.content = [UInt8](repeating: 0, count: 40) }

    private func start(_ controls: KeyValuePairs<UInt32, Int32>) throws(CameraFault) -> any CameraStream {
        let profile = profile([.motionJPEG], controls: list(controls))
        return try V4L2Camera(profile: profile, time: kernel.time, kernel: kernel).startStreaming()
    }

    private func list(_ controls: KeyValuePairs<UInt32, Int32>) -> [CameraControl] {
        controls.map { CameraControl(identifier: $0.key, value: $0.value) }
    }

    private var values: [Int32?] {
        [balance, mode, time].map { id in kernel.appliedControls.last { $0.identifier == id }?.value }
    }

    @Test(arguments: [true, false])
    func `exposure and white balance are held, and follow the light again afterwards`(isReleased: Bool) throws {
        let stream = try start([balance: 1, mode: 3, time: 156, gain: 7])
        #expect(stream.heldExposure == nil)
        stream.holdExposure(at: 1)
        #expect(values == [0, 1, 156])
        #expect(stream.heldExposure == HeldExposure(time: 156, gain: 7))
        if isReleased { stream.holdExposure(at: nil) } else { stream.stop() }
        #expect(values == [1, 3, 156])
        #expect(stream.heldExposure == nil)
    }

    /// Automatic, or set by the profile; shorter than the shortest is the shortest.
    @Test(arguments: [(3, 0.5, 78), (1, 0.5, 78), (3, 0.001, 1)])
    func `an exposure is shortened and given back`(automatic: Int32, share: Double, held: Int32) throws {
        let stream = try start([balance: 1, mode: automatic, time: 156])
        stream.holdExposure(at: share)
        #expect(values == [0, 1, held])
        #expect(stream.heldExposure == HeldExposure(time: 156, gain: nil))
        stream.holdExposure(at: nil)
        #expect(values == [1, automatic, 156])
    }

    @Test func `an exposure that could not be given back is not shortened twice`() throws {
        let stream = try start([balance: 1, mode: 3, time: 156])
        stream.holdExposure(at: 0.5)
        // Of the calls that set a control, the first that gives back.
        kernel.refusal = ("VIDIOC_S_CTRL", 6, EIO)
        stream.holdExposure(at: nil)
        #expect(values == [1, 3, 78])
        stream.holdExposure(at: 0.5)
        #expect(values == [0, 1, 78] && stream.heldExposure == HeldExposure(time: 156, gain: nil))
        stream.stop()
        #expect(values == [1, 3, 156])
    }

    @Test(arguments: [3, 4])
    func `an exposure is told only by a camera that keeps it`(refused: Int) throws {
        // White balance, or automatic exposure, stays as it is.
        kernel.refusal = ("VIDIOC_S_CTRL", refused, EBUSY)
        let stream = try start([balance: 1, mode: 3, time: 156])
        stream.holdExposure(at: 1)
        #expect(stream.heldExposure == (refused == 3 ? HeldExposure(time: 156, gain: nil) : nil))
    }

    @Test func `a camera without exposure controls goes on`() throws {
        kernel.steps = [.frame(buffer(byteCount: 10))]
        let stream = try start([:])
        stream.holdExposure(at: 1)
        #expect(kernel.appliedControls.isEmpty && stream.heldExposure == nil)
        #expect(try stream.seeFrame(from: FramePool(capacity: 1, bytesPerFrame: 64)) != nil)
    }

    @Test func `what a killed process held follows the light again with the next start`() throws {
        kernel.defaultControls = list([balance: 1, mode: 3])
        kernel.appliedControls = list([balance: 0, mode: 1, time: 156])
        let stream = try start([:])
        #expect(values == [1, 3, 156])
        stream.holdExposure(at: 1)
        #expect(values == [0, 1, 156])
        stream.stop()
        #expect(values == [1, 3, 156])
    }

    @Test func `what the profile pins is never automatic`() throws {
        kernel.defaultControls = list([balance: 1, mode: 3])
        _ = try start([balance: 0, mode: 1, time: 100])
        #expect(kernel.appliedControls == list([balance: 0, mode: 1, time: 100]))
    }

    @Test(arguments: [true, false])
    func `what could not be given back is given back later`(isHeldAgain: Bool) throws {
        let stream = try start([balance: 1, mode: 3, time: 156])
        stream.holdExposure(at: 1)
        // Of the calls that set a control, the first that gives back.
        kernel.refusal = ("VIDIOC_S_CTRL", 6, EIO)
        stream.holdExposure(at: nil)
        #expect(values == [1, 1, 156])
        if isHeldAgain {
            stream.holdExposure(at: 1)
            #expect(values == [0, 1, 156] && stream.heldExposure == HeldExposure(time: 156, gain: nil))
        }
        stream.stop()
        #expect(values == [1, 3, 156])
    }
}
