import CV4L2
import Glibc
package import Platform
import Ports

/// The running kernel.
package struct LinuxVideoKernel: VideoKernel {
    package init() {}

    package func open(_ path: String) throws(Errno) -> any VideoDevice {
        KernelVideoDevice(descriptor: try OwnedDescriptor(opening: path, flags: O_RDWR | O_NONBLOCK))
    }

    package func nodes() -> [String] {
        let names = (try? visibleNames(in: "/dev")) ?? []
        let numbers = names.compactMap { $0.hasPrefix("video") ? Int($0.dropFirst(5)) : nil }
        return numbers.sorted().map { "/dev/video\($0)" }
    }
}

private final class KernelVideoDevice: VideoDevice {
    private let descriptor: OwnedDescriptor

    init(descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Turns `-errno` into an error.
    @discardableResult
    private func check(_ call: (CInt) -> CInt) throws(Errno) -> CInt {
        let status = descriptor.withRaw(call)
        if status < 0 { throw Errno(-status) }
        return status
    }

    func capability() throws(Errno) -> VideoCapability {
        var answer = cv4_capability()
        try check { unsafe cv4_query_capability($0, &answer) }
        return VideoCapability(
            driver: text(answer.driver), card: text(answer.card), bus: text(answer.bus), captures: answer.captures != 0)
    }

    func attachment() throws(Errno) -> VideoAttachment {
        // By device number of the open node: a name could point elsewhere by now.
        var (major, minor): (UInt32, UInt32) = (0, 0)
        try check { unsafe cv4_device_number($0, &major, &minor) }
        let node = "/sys/dev/char/\(major):\(minor)"
        guard let folder = unsafe realpath(node, nil) else { throw .current }
        defer { unsafe free(folder) }
        var usb: CameraIdentity?
        if let vendor = smallText(of: "\(node)/device/../idVendor"),
            let product = smallText(of: "\(node)/device/../idProduct")
        {
            usb = CameraIdentity(vendor: vendor, product: product, serial: smallText(of: "\(node)/device/../serial"))
        }
        let speed = smallText(of: "\(node)/device/../speed").flatMap { Double($0) }
        return unsafe VideoAttachment(
            folder: String(cString: folder), usb: usb, megabitsPerSecond: usb == nil ? nil : speed)
    }

    func offeredFormat(at index: UInt32) throws(Errno) -> UInt32 {
        var fourCC: UInt32 = 0
        try check { unsafe cv4_offered_format($0, index, &fourCC) }
        return fourCC
    }

    func tryFormat(_ wanted: VideoFormat) throws(Errno) -> VideoFormat {
        var format = cv4_format(wanted)
        try check { unsafe cv4_try_format($0, &format) }
        return VideoFormat(format)
    }

    func setFormat(_ wanted: VideoFormat) throws(Errno) -> VideoFormat {
        var format = cv4_format(wanted)
        try check { unsafe cv4_set_format($0, &format) }
        return VideoFormat(format)
    }

    func setFrameInterval(microseconds: UInt32) throws(Errno) {
        try check { cv4_set_frame_interval($0, microseconds, 1_000_000) }
    }

    func set(_ control: CameraControl) throws(Errno) {
        try check { cv4_set_control($0, control.identifier, control.value) }
    }

    func tryControl(_ control: CameraControl) throws(Errno) {
        try check { cv4_try_control($0, control.identifier, control.value) }
    }

    func control(_ identifier: UInt32) throws(Errno) -> CameraControl {
        var value: Int32 = 0
        try check { unsafe cv4_get_control($0, identifier, &value) }
        return CameraControl(identifier: identifier, value: value)
    }

    func defaultControl(_ identifier: UInt32) throws(Errno) -> CameraControl {
        var value: Int32 = 0
        try check { unsafe cv4_default_control($0, identifier, &value) }
        return CameraControl(identifier: identifier, value: value)
    }

    func requestBuffers(_ count: UInt32) throws(Errno) -> UInt32 {
        var granted = count
        try check { unsafe cv4_request_buffers($0, &granted) }
        return granted
    }

    func queryBuffer(at index: UInt32) throws(Errno) -> (offset: UInt32, length: UInt32) {
        var (offset, length): (UInt32, UInt32) = (0, 0)
        try check { unsafe cv4_query_buffer($0, index, &offset, &length) }
        return (offset, length)
    }

    func map(offset: UInt32, length: UInt32) throws(Errno) -> UnsafeRawBufferPointer {
        let mapping = unsafe descriptor.withRaw {
            unsafe mmap(nil, Int(length), PROT_READ, MAP_SHARED, $0, Int(offset))
        }
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { throw .current }
        return unsafe UnsafeRawBufferPointer(start: mapping, count: Int(length))
    }

    func unmap(_ mapping: UnsafeRawBufferPointer) {
        unsafe munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress), mapping.count)
    }

    func queue(_ index: UInt32) throws(Errno) { try check { cv4_queue($0, index) } }

    func dequeue() throws(Errno) -> FinishedBuffer? {
        var buffer = cv4_buffer()
        let status = descriptor.withRaw { unsafe cv4_dequeue($0, &buffer) }
        if status == -EAGAIN { return nil }
        if status < 0 { throw Errno(-status) }
        return FinishedBuffer(
            index: buffer.index, byteCount: buffer.bytes_used, sequence: buffer.sequence,
            timestamp: buffer.timestamp < 0 ? nil : Timestamp(nanoseconds: buffer.timestamp),
            isBroken: buffer.is_broken != 0)
    }

    func startStreaming() throws(Errno) { try check { cv4_start_streaming($0) } }

    func stopStreaming() throws(Errno) { try check { cv4_stop_streaming($0) } }

    func wait(within timeout: Duration) throws(Errno) -> Bool {
        // Rounded up, so that a wait never ends early and turns into a spin.
        let milliseconds = CInt(clamping: max(0, (timeout.nanoseconds - 1) / 1_000_000 + 1))
        return try check { cv4_wait($0, milliseconds) } > 0
    }
}

extension cv4_format {
    fileprivate init(_ format: VideoFormat) {
        self.init(fourcc: format.fourCC, width: format.width, height: format.height, stride: 0)
    }
}

extension VideoFormat {
    fileprivate init(_ format: cv4_format) {
        self.init(fourCC: format.fourcc, width: format.width, height: format.height, stride: format.stride)
    }
}

/// A C character array up to its NUL.
private func text<Characters: BitwiseCopyable>(_ characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
