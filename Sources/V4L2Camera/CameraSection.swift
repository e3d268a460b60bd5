import Frames
import Ports
package import Settings

extension V4L2CameraProfile {
    /// Reads the section `[Camera]` of a board profile; what does not fit is reported to `section`.
    package init(_ section: inout SettingsSection) {
        var draft = CameraDraft()
        draft.read(&section)
        self = draft.profile
    }

    /// What a board profile that says no more than `Path=` means.
    package static func standard(path: String) -> V4L2CameraProfile {
        var draft = CameraDraft()
        draft.path = path
        return draft.profile
    }
}

/// A profile while it is read.
private struct CameraDraft {
    private enum FormatWord: String, CaseIterable {
        case motionJPEG = "MJPG"
        case yuyv = "YUYV"
        case nv12 = "NV12"
        case grey = "GREY"

        var pixelFormat: PixelFormat {
            switch self {
            case .motionJPEG: .motionJPEG
            case .yuyv: .yuyv
            case .nv12: .nv12
            case .grey: .grey
            }
        }
    }

    private enum MainsWord: String, CaseIterable {
        case off
        case fiftyHertz = "50Hz"
        case sixtyHertz = "60Hz"
        case auto
    }

    var path = ""
    private var vendor = ""
    private var product = ""
    private var serial: String?
    private var formats = FormatWord.allCases
    private var size = (width: 1280, height: 720)
    private var rate = 30
    private var allowsConversion = false
    private var exposurePriority: Bool?
    private var exposureTime: Double?
    private var gain: Int?
    private var whiteBalance: Int?
    private var focus: Int?
    private var mainsFrequency: MainsWord?

    mutating func read(_ section: inout SettingsSection) {
        section.read("Path", .absolutePath, into: &path)
        section.read("Vendor", .descriptor, into: &vendor)
        section.read("Product", .descriptor, into: &product)
        section.read("Serial", SettingForm<String>.descriptor.map { $0 }, into: &serial)
        section.read("PixelFormats", .words(FormatWord.allCases, atLeast: 1), into: &formats)
        section.read("Size", .pictureSize, into: &size)
        section.read("Rate", .integer(in: 1...120), into: &rate)
        section.read("Conversion", .boolean, into: &allowsConversion)
        readControls(&section)
        if path.isEmpty { section.reportMissing("Path", remedy: "Set Path= to the camera's node or a link to it.") }
        if vendor.isEmpty != product.isEmpty || serial != nil && vendor.isEmpty {
            section.report(
                ["Vendor", "Product", "Serial"], problem: "\(section) pins a camera only in part.",
                remedy: "Set both Vendor= and Product=, or neither of the three.")
        }
    }

    private mutating func readControls(_ section: inout SettingsSection) {
        section.read("ExposurePriority", SettingForm<Bool>.boolean.map { $0 }, into: &exposurePriority)
        section.read("ExposureTime", SettingForm<Double>.number(in: 0.1...1000).map { $0 }, into: &exposureTime)
        section.read("Gain", SettingForm<Int>.integer(in: 0...65_535).map { $0 }, into: &gain)
        section.read("WhiteBalance", SettingForm<Int>.integer(in: 1000...20_000).map { $0 }, into: &whiteBalance)
        section.read("Focus", SettingForm<Int>.integer(in: 0...65_535).map { $0 }, into: &focus)
        section.read("PowerLineFrequency", SettingForm<MainsWord>.word.map { $0 }, into: &mainsFrequency)
    }

    var profile: V4L2CameraProfile {
        let identity = CameraIdentity(vendor: vendor, product: product, serial: serial)
        return V4L2CameraProfile(
            path: path, expected: vendor.isEmpty ? nil : identity, pixelFormats: formats.map(\.pixelFormat),
            width: size.width, height: size.height, frameInterval: .nanoseconds(1_000_000_000 / rate),
            controls: controls, allowsConversion: allowsConversion)
    }

    /// A value is set after the automatic that would override it is off.
    private var controls: [CameraControl] {
        var controls: [CameraControl] = []
        func set(_ identifier: UInt32, _ value: Int) {
            controls.append(CameraControl(identifier: identifier, value: Int32(clamping: value)))
        }
        if let mainsFrequency {
            switch mainsFrequency {
            case .off: set(ControlIdentifier.mainsFrequency, 0)
            case .fiftyHertz: set(ControlIdentifier.mainsFrequency, 1)
            case .sixtyHertz: set(ControlIdentifier.mainsFrequency, 2)
            case .auto: set(ControlIdentifier.mainsFrequency, 3)
            }
        }
        if let exposurePriority { set(ControlIdentifier.exposurePriority, exposurePriority ? 1 : 0) }
        if let exposureTime {
            set(ControlIdentifier.automaticExposure, 1)
            set(ControlIdentifier.exposureTime, Int((exposureTime * 10).rounded()))
        }
        if let gain { set(ControlIdentifier.gain, gain) }
        if let whiteBalance {
            set(ControlIdentifier.automaticWhiteBalance, 0)
            set(ControlIdentifier.whiteBalance, whiteBalance)
        }
        if let focus {
            set(ControlIdentifier.automaticFocus, 0)
            set(ControlIdentifier.focus, focus)
        }
        return controls
    }
}

/// The numbers of `linux/v4l2-controls.h`.
enum ControlIdentifier {
    static let automaticWhiteBalance: UInt32 = 0x0098_090C
    static let gain: UInt32 = 0x0098_0913
    static let mainsFrequency: UInt32 = 0x0098_0918
    static let whiteBalance: UInt32 = 0x0098_091A
    static let automaticExposure: UInt32 = 0x009A_0901
    static let exposureTime: UInt32 = 0x009A_0902
    static let exposurePriority: UInt32 = 0x009A_0903
    static let focus: UInt32 = 0x009A_090A
    static let automaticFocus: UInt32 = 0x009A_090C
}

extension CameraControl {
    /// The board profile's line that sets it.
    var setting: String {
        switch identifier {
        case ControlIdentifier.mainsFrequency: "PowerLineFrequency"
        case ControlIdentifier.exposurePriority: "ExposurePriority"
        case ControlIdentifier.automaticExposure, ControlIdentifier.exposureTime: "ExposureTime"
        case ControlIdentifier.gain: "Gain"
        case ControlIdentifier.automaticWhiteBalance, ControlIdentifier.whiteBalance: "WhiteBalance"
        case ControlIdentifier.automaticFocus, ControlIdentifier.focus: "Focus"
        default: "0x" + String(identifier, radix: 16)
        }
    }
}

extension SettingForm where Value == String {
    /// What a camera says of itself.
    fileprivate static var descriptor: Self {
        Self("a text of 1 to 64 characters") { (1...64).contains($0.count) ? $0 : nil }
    }
}

extension SettingForm where Value == (width: Int, height: Int) {
    /// Pixels, such as `1280x720`.
    fileprivate static var pictureSize: Self {
        Self("a size such as 1280x720, up to 4096x4096") { text in
            let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { part in
                part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
            }
            guard parts.count == 2, let width = parts[0], let height = parts[1], (64...4096).contains(width),
                (64...4096).contains(height)
            else { return nil }
            return (width, height)
        }
    }
}
