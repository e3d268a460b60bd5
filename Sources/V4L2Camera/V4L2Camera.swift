import Frames
import Glibc
import Platform
package import Ports
import Synchronization

/// A camera behind Linux's V4L2, found by path and known by its identity.
package final class V4L2Camera: Camera, CameraBench {
    private let profile: V4L2CameraProfile
    private let time: any TimeSource
    private let kernel: any VideoKernel
    private let proven = Mutex<CaptureSource?>(nil)
    private let pinned = Mutex<CameraIdentity?>(nil)

    package init(
        profile: V4L2CameraProfile, time: any TimeSource = MonotonicClock(),
        kernel: any VideoKernel = LinuxVideoKernel()
    ) {
        self.profile = profile
        self.time = time
        self.kernel = kernel
    }

    /// `.virtual` until `check` or `startStreaming` has met a device with a sensor.
    package var source: CaptureSource { provenSource ?? .virtual }
    package var provenSource: CaptureSource? { proven.withLock { $0 } }
    package var name: String { profile.path }
    package var maximumFrameByteCount: Int { profile.maximumFrameByteCount }

    package func check() throws(CameraFault) {
        let device = try openProven()
        _ = try negotiate(with: device, trying: true)
        for control in profile.controls {
            do { try device.tryControl(control) } catch {
                if [EINVAL, ERANGE, EIO].contains(error.code) { throw CameraFault(error, setting: control, on: name) }
                // Otherwise another control may have to be set before, or the driver cannot be asked.
                if !error.isRefusal { throw CameraFault("VIDIOC_TRY_EXT_CTRLS(\(control.setting))", error, on: name) }
            }
        }
    }

    package func startStreaming() throws(CameraFault) -> any CameraStream {
        let device = try openProven()
        let negotiated = try negotiate(with: device, trying: false)
        let hold = try configure(device)
        guard let copier = FrameCopier(negotiated, packed: profile.packedFormat(negotiated.delivered)) else {
            throw .system(call: "v4lconvert_create", name: name, Errno(ENOMEM))
        }
        let stream = V4L2CameraStream(device: device, name: name, copier: copier, time: time, hold: hold)
        try stream.start()
        return stream
    }

    /// Opens the node and makes sure that it is the pinned camera.
    private func openProven() throws(CameraFault) -> any VideoDevice {
        let (device, capability, attachment) = try open()
        let found = CameraIdentity(capability, attachment)
        for expected in [profile.expected, pinned.withLock { $0 }].compactMap(\.self) where !expected.accepts(found) {
            throw .otherDevice(name: name, expected: "\(expected)", found: "\(found)")
        }
        proven.withLock { $0 = hasNoSensor(capability, attachment) ? .virtual : .camera }
        return device
    }

    private func open() throws(CameraFault) -> (any VideoDevice, VideoCapability, VideoAttachment) {
        let device: any VideoDevice
        do { device = try kernel.open(profile.path) } catch {
            throw CameraFault("open", error, on: name, isOpen: false)
        }
        let capability: VideoCapability
        do { capability = try device.capability() } catch {
            if error.code == ENOTTY || error.code == EINVAL { throw .notACamera(name: name) }
            throw CameraFault("VIDIOC_QUERYCAP", error, on: name)
        }
        guard capability.captures else { throw .notACamera(name: name) }
        return (device, capability, try asking("realpath") { () throws(Errno) in try device.attachment() })
    }

    /// Finds the first wanted format that the camera delivers in the wanted size.
    private func negotiate(with device: any VideoDevice, trying: Bool) throws(CameraFault) -> NegotiatedFormat {
        let offered = try asking("VIDIOC_ENUM_FMT") { () throws(Errno) in try offeredFormats(of: device) }
        var candidates = profile.pixelFormats.map { (fourCC: $0.rawValue, delivered: $0, isConverted: false) }
        if profile.allowsConversion {
            candidates += offered.filter { FrameConverter.accepts($0, width: profile.width, height: profile.height) }
                .map { (fourCC: $0, delivered: .nv12, isConverted: true) }
        }
        var answers = offered.map(fourCCText)
        for candidate in candidates where offered.contains(candidate.fourCC) {
            let wanted = VideoFormat(
                fourCC: candidate.fourCC, width: UInt32(profile.width), height: UInt32(profile.height))
            let answer: VideoFormat
            do { answer = trying ? try device.tryFormat(wanted) : try device.setFormat(wanted) } catch {
                // The driver offers the format and not now, for instance while a loopback is fed with another.
                if error.code == EINVAL { continue }
                throw CameraFault(trying ? "VIDIOC_TRY_FMT" : "VIDIOC_S_FMT", error, on: name)
            }
            let negotiated = NegotiatedFormat(
                answer: answer, delivered: candidate.delivered, isConverted: candidate.isConverted)
            if negotiated.fits(wanted) { return negotiated }
            answers.append(
                "\(fourCCText(answer.fourCC)) at \(answer.width)×\(answer.height) in rows of \(answer.stride) bytes")
        }
        let wanted = profile.pixelFormats.map(\.fourCC).joined(separator: " or ")
        throw .formatRefused(name: name, wanted: "\(wanted) at \(profile.width)×\(profile.height)", offered: answers)
    }

    /// Sets the frame interval and the profile's controls.
    private func configure(_ device: any VideoDevice) throws(CameraFault) -> ExposureHold {
        // Rounded up, since a driver may take the next shorter interval: 40 frames a second instead of 30.
        let microseconds = UInt32(clamping: (max(profile.frameInterval.nanoseconds, 1) - 1) / 1000 + 1)
        do { try device.setFrameInterval(microseconds: microseconds) } catch {
            // Drivers without a frame interval of their own do not know the call.
            if error.code != ENOTTY && error.code != EINVAL { throw CameraFault("VIDIOC_S_PARM", error, on: name) }
        }
        let hold = ExposureHold(resetting: device, beside: profile, time: time)
        for control in profile.controls {
            do { try device.set(control) } catch { throw CameraFault(error, setting: control, on: name) }
        }
        return hold
    }

    package var frameInterval: Duration { profile.frameInterval }

    package func identify() throws(CameraFault) -> CameraIdentity {
        let (_, capability, attachment) = try open()
        return CameraIdentity(capability, attachment)
    }

    package func pin(_ identity: CameraIdentity?) { pinned.withLock { $0 = identity } }

    package func cameras() -> [CameraDescription] {
        kernel.nodes().map { CameraDescription(node: $0, kernel) }
    }

    private func asking<Answer>(_ call: String, _ body: () throws(Errno) -> Answer) throws(CameraFault) -> Answer {
        do { return try body() } catch { throw CameraFault(call, error, on: name) }
    }
}

/// What the driver agreed to, and what becomes of it.
struct NegotiatedFormat {
    let answer: VideoFormat
    let delivered: PixelFormat
    let isConverted: Bool

    /// Whether the answer is the wanted picture with rows that can be true.
    func fits(_ wanted: VideoFormat) -> Bool {
        guard answer.fourCC == wanted.fourCC, answer.width == wanted.width, answer.height == wanted.height else {
            return false
        }
        let (width, height, stride) = (Int(answer.width), Int(answer.height), Int(answer.stride))
        if isConverted { return FrameConverter.rowByteCount(answer.fourCC, width: width) == stride }
        if delivered == .motionJPEG { return true }
        return FrameFormat(delivered, width: width, height: height, stride: stride).byteCount != nil
    }
}

func offeredFormats(of device: any VideoDevice) throws(Errno) -> [UInt32] {
    var offered: [UInt32] = []
    // A driver that never says stop is cut off well above what any camera offers.
    while offered.count < 128 {
        do { offered.append(try device.offeredFormat(at: UInt32(offered.count))) } catch {
            if error.code == EINVAL { break }
            throw error
        }
    }
    return offered
}

/// Whether no sensor stands behind the device: test drivers, loopback devices, emulated or remote USB hosts.
func hasNoSensor(_ capability: VideoCapability, _ attachment: VideoAttachment) -> Bool {
    let drivers = ["vivid", "vimc", "v4l2 loopback", "v4l2loopback", "akvcam"]
    let folders = ["/devices/virtual/", "/vivid.", "/vimc.", "/dummy_hcd.", "/vhci_hcd."]
    return drivers.contains(capability.driver) || folders.contains { attachment.folder.contains($0) }
}

/// The four characters of a format code.
func fourCCText(_ code: UInt32) -> String {
    String(decoding: (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0)) }, as: UTF8.self)
}
