package import Frames
package import Platform

/// Where frames come from; the word stands in every receipt.
package enum CaptureSource: String, Codable, Hashable, Sendable, CaseIterable {
    /// A sensor on the cable: the only source whose receipts the device key signs.
    case camera
    case recording
    case simulator
    /// A kernel driver without a sensor behind it, such as vivid.
    case virtual
}

/// A place where a camera can be opened; asking for it does not switch it on.
package protocol Camera: Sendable {
    var source: CaptureSource { get }
    /// Tells a technician which camera is meant: a path, a file, "simulator".
    var name: String { get }
    /// The largest frame in bytes, so that buffers can be made before the camera is on.
    var maximumFrameByteCount: Int { get }

    /// Checks that the camera is there, is the one that is meant and can do what it must, without switching it on.
    func check() throws(CameraFault)

    /// Switches the camera on; it is on until the stream is stopped or dropped.
    func startStreaming() throws(CameraFault) -> any CameraStream
}

/// A camera that is on.
///
/// Thread-bound: used by the thread that started it.
package protocol CameraStream: AnyObject {
    /// Fills a buffer of `pool` with the next frame, waiting at most `timeout`.
    ///
    /// A late frame is `.stalled`, never a silent wait. `nil` means that a frame came and was dropped here,
    /// because every buffer was out or the driver marked it as broken. Allocates nothing.
    func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease?

    /// Holds white balance as it is and the exposure at a share of what it is; `nil` lets them follow the light again.
    ///
    /// A camera that cannot goes on as before; stopping lets go, too. Pictures may follow some frames late.
    func holdExposure(at share: Double?)

    /// What the exposure was when its hold began; `nil` while it is not held, or where the camera does not tell.
    var heldExposure: HeldExposure? { get }

    /// Switches the camera off; a second call does nothing.
    func stop()
}

extension CameraStream {
    /// For streams without an exposure.
    package func holdExposure(at share: Double?) {}
    package var heldExposure: HeldExposure? { nil }
}

/// What can be wrong with a camera.
package enum CameraFault: Fault, Hashable {
    case missing(name: String)
    case busy(name: String)
    case permissionDenied(name: String)
    case otherDevice(name: String, expected: String, found: String)
    case notACamera(name: String)
    case formatRefused(name: String, wanted: String, offered: [String])
    /// `setting` is the board profile's line that asks for it.
    case controlRefused(name: String, setting: String)
    case stalled(name: String, after: Duration)
    case unplugged(name: String)
    case unreadable(name: String, frames: Int)
    case badRecording(name: String, detail: String)
    case recordingEnded(name: String)
    case system(call: String, name: String, Errno)

    package var problem: String {
        switch self {
        case .missing(let name): "No camera answers at \(name)."
        case .busy(let name): "Another program holds the camera at \(name)."
        case .permissionDenied(let name): "This process may not open \(name)."
        case .otherDevice(let name, let expected, let found):
            "The camera at \(name) is \(found), but \(expected) is pinned."
        case .notACamera(let name): "\(name) is no video capture device with memory-mapped streaming."
        case .formatRefused(let name, let wanted, let offered):
            "\(name) does not deliver \(wanted); it offers \(offered.joined(separator: ", "))."
        case .controlRefused(let name, let setting): "\(name) does not take the board profile's \(setting)=."
        case .stalled(let name, let after): "\(name) delivered no usable frame for \(after.milliseconds) ms."
        case .unplugged(let name): "\(name) disappeared while it was streaming."
        case .unreadable(let name, let frames): "The last \(frames) frames of \(name) could not be decoded."
        case .badRecording(let name, let detail): "\(name) cannot be played: \(detail)."
        case .recordingEnded(let name): "\(name) has been played to its end."
        case .system(let call, let name, let errno): "\(call) on \(name) failed: \(errno)."
        }
    }

    package var remedy: String {
        switch self {
        case .missing, .unplugged: "Check the camera's cable and power; the device finds it again by itself."
        case .busy: "Find the program with `fuser -v` on the device node and stop it."
        case .permissionDenied: "Run as a member of the group that owns the device node, usually `video`."
        case .otherDevice:
            "Plug the pinned camera in again, or take this one on in maintenance: portraitctl cameras pin."
        case .notACamera: "Name the camera's capture node by its path below /dev/v4l/by-path."
        case .formatRefused: "Choose one of the offered formats in the board profile."
        case .controlRefused(let name, let setting):
            "Correct or delete \(setting)=; `v4l2-ctl -d \(name) --list-ctrls` shows what the camera takes."
        case .stalled, .unreadable: "Power-cycle the camera; if it happens again, replace the cable, then the camera."
        case .badRecording: "Give a Motion JPEG file or a folder of JPEG files."
        case .recordingEnded: "Start it again, or give a longer recording."
        case .system: "Power-cycle the camera; if it happens again, send the journal to support."
        }
    }
}
