import Frames
import Glibc
import Platform
import Ports
import Testing
import V4L2Camera

private let (balance, mode, time) = (UInt32(0x0098_090C), exposureMode, exposureTime)
private let gain: UInt32 = 0x0098_0913

/// How exposure and white balance are held, on a camera that keeps what it was told as uvcvideo's do.
@Suite struct ExposureTests {
    private let kernel = PlayedKernel(offering: [offer("MJPG", stride: 0)])

    init() {
        kernel.content = [UInt8](repeating: 0, count: 40)
        kernel.defaultControls = list([balance: 1, mode: 3, time: 200])
        kernel.appliedControls = kernel.defaultControls
        kernel.foundExposure = 156
    }

    private func start(_ pinned: KeyValuePairs<UInt32, Int32> = [:]) throws(CameraFault) -> any CameraStream {
        let profile = profile([.motionJPEG], controls: list(pinned))
        return try V4L2Camera(profile: profile, time: kernel.time, kernel: kernel).startStreaming()
    }

    private func list(_ controls: KeyValuePairs<UInt32, Int32>) -> [CameraControl] {
        controls.map { CameraControl(identifier: $0.key, value: $0.value) }
    }

    private var values: [Int32?] {
        [balance, mode, time].map { id in kernel.appliedControls.last { $0.identifier == id }?.value }
    }

    /// Has the camera refuse a call that sets a control, of those that come from now on.
    private func refuse(_ number: Int) {
        kernel.refusal = ("VIDIOC_S_CTRL", kernel.count(of: "VIDIOC_S_CTRL") + number, EBUSY)
    }

    @Test(arguments: [true, false])
    func `exposure and white balance are held, and follow the light again afterwards`(isReleased: Bool) throws {
        kernel.appliedControls += list([gain: 7])
        let stream = try start()
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
        let stream = try start(automatic == 1 ? [mode: 1, time: 156] : [:])
        stream.holdExposure(at: share)
        #expect(values == [0, 1, held])
        #expect(stream.heldExposure == (automatic == 1 ? nil : HeldExposure(time: 156, gain: nil)))
        stream.holdExposure(at: nil)
        #expect(values == [1, automatic, 156])
    }

    /// The frame interval is 33 ms.
    @Test(arguments: [(230, true), (231, false), (312, false), (660, false)])
    func `a full exposure, which a hidden gain may double, is not told`(found: Int32, isTold: Bool) throws {
        kernel.foundExposure = found
        let stream = try start()
        stream.holdExposure(at: 1)
        #expect(values == [0, 1, found])
        #expect(stream.heldExposure == (isTold ? HeldExposure(time: Int(found), gain: nil) : nil))
    }

    /// What the driver repeats is the default, or what an earlier process set where the camera takes nothing back.
    @Test(arguments: [[], [time]])
    func `automatic exposure whose reading stands still is left alone`(fixed: Set<UInt32>) throws {
        kernel.foundExposure = fixed.isEmpty ? nil : 180
        if !fixed.isEmpty { kernel.appliedControls += list([time: 180]) }
        kernel.defaultControls.removeAll { fixed.contains($0.identifier) }
        let stream = try start()
        stream.holdExposure(at: 0.5)
        #expect(values == [0, 3, fixed.isEmpty ? 200 : 180] && stream.heldExposure == nil)
        stream.stop()
        #expect(values == [1, 3, fixed.isEmpty ? 200 : 180])
    }

    @Test func `a default that the driver rounds and repeats is not believed`() throws {
        (kernel.timeStep, kernel.foundExposure) = (150, nil)
        let stream = try start()
        stream.holdExposure(at: 1)
        #expect(stream.heldExposure == nil && values == [0, 3, 150])
    }

    @Test func `a reading that is not what was set is believed, though it stands still`() throws {
        kernel.tellsWhileOff = true
        let stream = try start()
        stream.holdExposure(at: 1)
        #expect(stream.heldExposure == HeldExposure(time: 156, gain: nil))
    }

    @Test func `a reading that has moved is believed from then on, whatever it is`() throws {
        kernel.foundExposure = 200
        let stream = try start()
        stream.holdExposure(at: 1)
        #expect(stream.heldExposure == nil && values == [0, 3, 200])
        stream.holdExposure(at: nil)
        for found: Int32 in [156, 156, 200] {
            kernel.foundExposure = found
            stream.holdExposure(at: 1)
            #expect(stream.heldExposure == HeldExposure(time: Int(found), gain: nil))
            stream.holdExposure(at: nil)
        }
    }

    @Test func `an exposure that could not be given back is not shortened twice`() throws {
        let stream = try start()
        stream.holdExposure(at: 0.5)
        refuse(0)
        stream.holdExposure(at: nil)
        #expect(values == [1, 3, 78])
        stream.holdExposure(at: 0.5)
        #expect(values == [0, 1, 78] && stream.heldExposure == HeldExposure(time: 156, gain: nil))
        stream.stop()
        #expect(values == [1, 3, 156])
    }

    @Test(arguments: [0, 1])
    func `an exposure is told only by a camera that keeps it`(refused: Int) throws {
        let stream = try start()
        // White balance, or automatic exposure, stays as it is.
        refuse(refused)
        stream.holdExposure(at: 1)
        #expect(stream.heldExposure == (refused == 0 ? HeldExposure(time: 156, gain: nil) : nil))
    }

    @Test func `a camera without exposure controls goes on`() throws {
        (kernel.defaultControls, kernel.appliedControls) = ([], [])
        kernel.steps = [.frame(buffer(byteCount: 10))]
        let stream = try start()
        stream.holdExposure(at: 1)
        #expect(kernel.appliedControls.isEmpty && stream.heldExposure == nil)
        #expect(try stream.seeFrame(from: FramePool(capacity: 1, bytesPerFrame: 64)) != nil)
    }

    @Test func `what a killed process held follows the light again with the next start`() throws {
        kernel.appliedControls = list([balance: 0, mode: 1, time: 78])
        let stream = try start()
        #expect(values == [1, 3, 200])
        stream.holdExposure(at: 1)
        #expect(values == [0, 1, 156])
        stream.stop()
        #expect(values == [1, 3, 156])
    }

    /// Where the default is manual or lacking, as the camera was, or by any automatic exposure that it has.
    @Test(
        arguments: [
            (1, 3, [1, 3], 3), (0, 3, [1, 3], 3), (0, 1, [1, 3], 3), (1, 0, [0, 1, 3], 0), (3, 0, [0, 1, 3], 3),
            (1, 1, [0, 1], 0), (1, 1, [1, 2], 1), (2, 1, [1, 2], 2),
        ] as [(Int32, Int32, Set<Int32>, Int32)])
    func `exposure follows the light after the start`(
        standard: Int32, before: Int32, modes: Set<Int32>, after: Int32
    ) throws {
        kernel.modes = modes
        kernel.defaultControls = list([balance: 1, mode: standard, time: 200])
        kernel.appliedControls = list([balance: 1, mode: before, time: 200])
        _ = try start()
        #expect(values == [1, after, 200])
    }

    /// Refused at once, or late.
    @Test(arguments: [EIO, ETIMEDOUT])
    func `a camera whose exposure time cannot be set is not left in manual exposure`(errno: CInt) throws {
        kernel.refusal = ("VIDIOC_S_CTRL", 1, errno)
        let before = kernel.time.now()
        _ = try start()
        #expect(values == [1, 3, 200])
        #expect(kernel.time.now() - before == (errno == EIO ? .zero : .seconds(5)))
    }

    @Test(arguments: [true, false])
    func `what a killed process shortened by hand is as delivered with the next start`(hasMode: Bool) throws {
        (kernel.lacking, kernel.modes) = (hasMode ? [] : [mode], [1])
        kernel.defaultControls = list(hasMode ? [mode: 1, time: 200] : [time: 200])
        kernel.appliedControls = list(hasMode ? [mode: 1, time: 78] : [time: 78])
        let stream = try start()
        #expect(values == [nil, hasMode ? 1 : nil, 200])
        stream.holdExposure(at: 1)
        #expect(stream.heldExposure == nil)
    }

    @Test func `what the profile pins is never automatic`() throws {
        kernel.appliedControls = []
        _ = try start([balance: 0, mode: 1, time: 100])
        #expect(kernel.appliedControls == list([balance: 0, mode: 1, time: 100]))
    }

    @Test(arguments: [true, false])
    func `what could not be given back is given back later`(isHeldAgain: Bool) throws {
        let stream = try start()
        stream.holdExposure(at: 1)
        refuse(0)
        stream.holdExposure(at: nil)
        #expect(values == [1, 1, 156])
        if isHeldAgain {
            stream.holdExposure(at: 1)
            #expect(values == [0, 1, 156] && stream.heldExposure == HeldExposure(time: 156, gain: nil))
        }
        stream.stop()
        #expect(values == [1, 3, 156])
    }

    /// Each call that is not answered takes the driver's timeout.
    @Test(arguments: [true, false])
    func `a camera that does not answer is off first, and asked once`(isHeld: Bool) throws {
        let stream = try start()
        if isHeld { stream.holdExposure(at: 0.5) }
        kernel.isDeaf = true
        if isHeld { stream.stop() } else { stream.holdExposure(at: 0.5) }
        #expect(kernel.unanswered == [!isHeld] && stream.heldExposure == nil)
        #expect(kernel.isStreaming == !isHeld)
    }
}
