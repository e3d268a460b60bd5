import Glibc
import Platform
import Ports
import V4L2Camera

let exposureMode: UInt32 = 0x009A_0901
let exposureTime: UInt32 = 0x009A_0902

/// A kernel that follows a script and counts what it gave away; used by one thread at a time.
final class PlayedKernel: VideoKernel, @unchecked Sendable {
    enum Step {
        case frame(FinishedBuffer)
        case failure(CInt)
        /// The driver wakes the reader and has nothing for it.
        case falseAlarm
    }

    // What is given away.
    fileprivate(set) var openDeviceCount = 0
    fileprivate(set) var mappingCount = 0
    fileprivate(set) var grantedBufferCount: UInt32 = 0
    fileprivate(set) var isStreaming = false
    /// One bit per buffer that the driver holds.
    fileprivate(set) var queuedBuffers: UInt32 = 0
    var appliedControls: [CameraControl] = []
    fileprivate(set) var frameMicroseconds: UInt32?

    // What is played.
    var capability = VideoCapability(driver: "uvcvideo", card: "Counter Camera", bus: "usb-1", captures: true)
    var attachment = VideoAttachment(
        folder: "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/video4linux/video0",
        usb: CameraIdentity(vendor: "1a2b", product: "0042", serial: "A7"))
    var offered: [VideoFormat]
    var defaultControls: [CameraControl] = []
    /// What automatic exposure has found while the camera is on; `nil` for a camera that repeats what it was told.
    var foundExposure: Int32?
    /// Whether it tells that also while it is off.
    var tellsWhileOff = false
    /// Modes of exposure that the camera has.
    var modes: Set<Int32> = [1, 3]
    /// Exposure times are multiples of it.
    var timeStep: Int32 = 1
    /// Controls that the camera does not have, although they could be set.
    var lacking: Set<UInt32> = []
    /// Whether no call for a control is answered any more; each takes the driver's timeout.
    var isDeaf = false
    /// Whether the camera was on, of each call for a control that was not answered.
    fileprivate(set) var unanswered: [Bool] = []
    /// What mapped buffers hold; as long as the buffers.
    var content: [UInt8] = []
    /// Buffers granted whatever the request; `nil` grants the request.
    var grant: UInt32?
    /// The call that fails, and the errno, `ETIMEDOUT` late; counts calls of that name from 0.
    var refusal: (call: String, number: Int, errno: CInt)?
    var steps: [Step] = []
    let time = PlayedTime()

    private var calls: [String: Int] = [:]
    fileprivate var place = 0

    init(offering offered: [VideoFormat]) { self.offered = offered }

    func open(_ path: String) throws(Errno) -> any VideoDevice {
        try note("open")
        openDeviceCount += 1
        return PlayedDevice(self)
    }

    func nodes() -> [String] { ["/dev/video0", "/dev/video1"] }

    /// How often a call was made.
    func count(of call: String) -> Int { calls[call, default: 0] }

    fileprivate func value(_ identifier: UInt32) -> Int32? {
        appliedControls.last { $0.identifier == identifier }?.value
    }

    fileprivate var isAutomatic: Bool { value(exposureMode) ?? 1 != 1 }

    fileprivate func listen(for control: UInt32) throws(Errno) {
        if isDeaf {
            unanswered.append(isStreaming)
            throw failure(ETIMEDOUT)
        }
        if lacking.contains(control) { throw Errno(EINVAL) }
    }

    fileprivate func note(_ call: String) throws(Errno) {
        let number = calls[call, default: 0]
        calls[call] = number + 1
        if let refusal, refusal.call == call, refusal.number == number { throw failure(refusal.errno) }
    }

    private func failure(_ errno: CInt) -> Errno {
        if errno == ETIMEDOUT { time.wait(until: time.now() + .seconds(5)) }
        return Errno(errno)
    }
}

/// A clock that moves only while the played kernel waits.
final class PlayedTime: TimeSource, @unchecked Sendable {
    fileprivate(set) var current = Timestamp(nanoseconds: 1_000_000_000)

    func now() -> Timestamp { current }
    func wait(until deadline: Timestamp) { current = max(current, deadline) }
}

private final class PlayedDevice: VideoDevice {
    private let kernel: PlayedKernel

    init(_ kernel: PlayedKernel) { self.kernel = kernel }

    deinit { kernel.openDeviceCount -= 1 }

    func capability() throws(Errno) -> VideoCapability {
        try kernel.note("VIDIOC_QUERYCAP")
        return kernel.capability
    }

    func attachment() throws(Errno) -> VideoAttachment {
        try kernel.note("realpath")
        return kernel.attachment
    }

    func offeredFormat(at index: UInt32) throws(Errno) -> UInt32 {
        try kernel.note("VIDIOC_ENUM_FMT")
        guard index < kernel.offered.count else { throw Errno(EINVAL) }
        return kernel.offered[Int(index)].fourCC
    }

    func tryFormat(_ wanted: VideoFormat) throws(Errno) -> VideoFormat {
        try kernel.note("VIDIOC_TRY_FMT")
        return kernel.offered.first { $0.fourCC == wanted.fourCC } ?? kernel.offered[0]
    }

    func setFormat(_ wanted: VideoFormat) throws(Errno) -> VideoFormat {
        try kernel.note("VIDIOC_S_FMT")
        return kernel.offered.first { $0.fourCC == wanted.fourCC } ?? kernel.offered[0]
    }

    func setFrameInterval(microseconds: UInt32) throws(Errno) {
        try kernel.note("VIDIOC_S_PARM")
        kernel.frameMicroseconds = microseconds
    }

    func set(_ control: CameraControl) throws(Errno) {
        try kernel.note("VIDIOC_S_CTRL")
        try kernel.listen(for: control.identifier)
        if control.identifier == exposureMode, !kernel.modes.contains(control.value) { throw Errno(EINVAL) }
        if control.identifier == exposureTime, kernel.isAutomatic { throw Errno(EACCES) }
        var taken = control
        if control.identifier == exposureTime { taken.value -= control.value % kernel.timeStep }
        kernel.appliedControls.append(taken)
    }

    func tryControl(_ control: CameraControl) throws(Errno) { try kernel.note("VIDIOC_TRY_EXT_CTRLS") }

    func control(_ identifier: UInt32) throws(Errno) -> CameraControl {
        try kernel.note("VIDIOC_G_CTRL")
        try kernel.listen(for: identifier)
        if identifier == exposureTime, kernel.isStreaming || kernel.tellsWhileOff, kernel.isAutomatic,
            let found = kernel.foundExposure
        {
            return CameraControl(identifier: identifier, value: found)
        }
        guard let control = kernel.appliedControls.last(where: { $0.identifier == identifier }) else {
            throw Errno(EINVAL)
        }
        return control
    }

    func defaultControl(_ identifier: UInt32) throws(Errno) -> CameraControl {
        try kernel.note("VIDIOC_QUERYCTRL")
        try kernel.listen(for: identifier)
        guard let control = kernel.defaultControls.first(where: { $0.identifier == identifier }) else {
            throw Errno(EINVAL)
        }
        return control
    }

    func requestBuffers(_ count: UInt32) throws(Errno) -> UInt32 {
        try kernel.note("VIDIOC_REQBUFS")
        // The kernel frees no buffer that is still mapped.
        if count == 0 && kernel.mappingCount > 0 { throw Errno(EBUSY) }
        kernel.grantedBufferCount = count == 0 ? 0 : kernel.grant ?? count
        return kernel.grantedBufferCount
    }

    func queryBuffer(at index: UInt32) throws(Errno) -> (offset: UInt32, length: UInt32) {
        try kernel.note("VIDIOC_QUERYBUF")
        return (index * 4096, UInt32(kernel.content.count))
    }

    func map(offset: UInt32, length: UInt32) throws(Errno) -> UnsafeRawBufferPointer {
        try kernel.note("mmap")
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let start = unsafe mmap(nil, Int(length), PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else { throw .current }
        unsafe start.copyMemory(from: kernel.content, byteCount: Int(length))
        // As the kernel maps them: a write faults.
        unsafe mprotect(start, Int(length), PROT_READ)
        kernel.mappingCount += 1
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(length))
    }

    func unmap(_ mapping: UnsafeRawBufferPointer) {
        unsafe munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress), mapping.count)
        kernel.mappingCount -= 1
    }

    func queue(_ index: UInt32) throws(Errno) {
        if kernel.refusal?.call == "VIDIOC_QBUF" { try kernel.note("VIDIOC_QBUF") }
        if kernel.queuedBuffers & 1 << index != 0 { throw Errno(EINVAL) }
        kernel.queuedBuffers |= 1 << index
    }

    func dequeue() throws(Errno) -> FinishedBuffer? {
        guard kernel.place < kernel.steps.count else { return nil }
        let step = kernel.steps[kernel.place]
        kernel.place += 1
        switch step {
        case .frame(let buffer):
            kernel.queuedBuffers &= ~(1 << buffer.index)
            return buffer
        case .failure(let code): throw Errno(code)
        case .falseAlarm: return nil
        }
    }

    func startStreaming() throws(Errno) {
        try kernel.note("VIDIOC_STREAMON")
        kernel.isStreaming = true
    }

    func stopStreaming() throws(Errno) {
        try kernel.note("VIDIOC_STREAMOFF")
        kernel.isStreaming = false
        kernel.queuedBuffers = 0
    }

    func wait(within timeout: Duration) throws(Errno) -> Bool {
        if kernel.place < kernel.steps.count { return true }
        kernel.time.wait(until: kernel.time.now() + timeout)
        return false
    }
}
