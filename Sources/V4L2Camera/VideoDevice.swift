import Glibc
package import Platform
package import Ports

/// The kernel as this room sees it, so that tests can play it.
package protocol VideoKernel: Sendable {
    func open(_ path: String) throws(Errno) -> any VideoDevice
    /// The paths of all video nodes, in their order.
    func nodes() -> [String]
}

/// One open device node; dropping it closes the node.
///
/// A call is one kernel call of the same meaning and throws what the kernel answers. Thread-bound.
package protocol VideoDevice: AnyObject {
    func capability() throws(Errno) -> VideoCapability
    /// Where the device hangs, told by sysfs.
    func attachment() throws(Errno) -> VideoAttachment
    /// The four-character code of an offered format; `EINVAL` past the last.
    func offeredFormat(at index: UInt32) throws(Errno) -> UInt32
    func tryFormat(_ wanted: VideoFormat) throws(Errno) -> VideoFormat
    func setFormat(_ wanted: VideoFormat) throws(Errno) -> VideoFormat
    func setFrameInterval(microseconds: UInt32) throws(Errno)
    func set(_ control: CameraControl) throws(Errno)
    /// Whether the driver would take it; nothing changes.
    func tryControl(_ control: CameraControl) throws(Errno)
    /// The control as it stands.
    func control(_ identifier: UInt32) throws(Errno) -> CameraControl
    /// The control as the driver delivers it.
    func defaultControl(_ identifier: UInt32) throws(Errno) -> CameraControl
    /// Returns how many buffers were granted; 0 frees them all.
    @discardableResult
    func requestBuffers(_ count: UInt32) throws(Errno) -> UInt32
    func queryBuffer(at index: UInt32) throws(Errno) -> (offset: UInt32, length: UInt32)
    func map(offset: UInt32, length: UInt32) throws(Errno) -> UnsafeRawBufferPointer
    func unmap(_ mapping: UnsafeRawBufferPointer)
    func queue(_ index: UInt32) throws(Errno)
    /// `nil` when no buffer is finished.
    func dequeue() throws(Errno) -> FinishedBuffer?
    func startStreaming() throws(Errno)
    func stopStreaming() throws(Errno)
    /// Returns `true` when `dequeue` has something to say, a failure included.
    func wait(within timeout: Duration) throws(Errno) -> Bool
}

package struct VideoCapability: Hashable, Sendable {
    package var driver: String
    package var card: String
    package var bus: String
    /// Single-planar capture into memory-mapped buffers.
    package var captures: Bool

    package init(driver: String, card: String, bus: String, captures: Bool) {
        self.driver = driver
        self.card = card
        self.bus = bus
        self.captures = captures
    }
}

package struct VideoAttachment: Hashable, Sendable {
    /// The device's folder below `/sys/devices`.
    package var folder: String
    /// What the USB descriptor says; `nil` on other buses.
    package var usb: CameraIdentity?
    /// Of the USB link, in Mbit/s: 480 is USB 2.
    package var megabitsPerSecond: Double?

    package init(folder: String, usb: CameraIdentity?, megabitsPerSecond: Double? = nil) {
        self.folder = folder
        self.usb = usb
        self.megabitsPerSecond = megabitsPerSecond
    }
}

/// A format as the driver speaks of it; `stride` is an answer only.
package struct VideoFormat: Hashable, Sendable {
    package var fourCC: UInt32
    package var width: UInt32
    package var height: UInt32
    package var stride: UInt32

    package init(fourCC: UInt32, width: UInt32, height: UInt32, stride: UInt32 = 0) {
        self.fourCC = fourCC
        self.width = width
        self.height = height
        self.stride = stride
    }
}

/// A buffer that the driver gave back.
package struct FinishedBuffer: Hashable, Sendable {
    package var index: UInt32
    package var byteCount: UInt32
    package var sequence: UInt32
    /// `nil` when the driver stamps with a clock that is not `CLOCK_MONOTONIC`; not yet believed otherwise.
    package var timestamp: Timestamp?
    package var isBroken: Bool

    package init(index: UInt32, byteCount: UInt32, sequence: UInt32, timestamp: Timestamp?, isBroken: Bool = false) {
        self.index = index
        self.byteCount = byteCount
        self.sequence = sequence
        self.timestamp = timestamp
        self.isBroken = isBroken
    }
}

extension CameraFault {
    /// What a failed kernel call on a device node means; `isOpen` tells a vanished device from one never there.
    init(_ call: String, _ errno: Errno, on name: String, isOpen: Bool = true) {
        self =
            switch errno.code {
            case ENODEV, ENXIO: isOpen ? .unplugged(name: name) : .missing(name: name)
            case ENOENT, ENOTDIR: .missing(name: name)
            case EBUSY: .busy(name: name)
            case EACCES, EPERM: .permissionDenied(name: name)
            default: .system(call: call, name: name, errno)
            }
    }

    /// What it means that the driver did not take a control.
    init(_ errno: Errno, setting control: CameraControl, on name: String) {
        switch errno.code {
        // uvcvideo's EIO is a firmware's word that it has no such control.
        case EINVAL, ERANGE, EACCES, ENOTTY, EIO: self = .controlRefused(name: name, setting: control.setting)
        default: self.init("VIDIOC_S_CTRL(\(control.setting))", errno, on: name)
        }
    }
}

extension Errno {
    /// Whether it is the answer of a camera that will not, at once; each other one may have taken the driver's timeout.
    var isRefusal: Bool {
        [EINVAL, ERANGE, EACCES, EPERM, EBUSY, ENOTTY, EILSEQ, EREMOTE, EPIPE].contains(code)
    }
}
