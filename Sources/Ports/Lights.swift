package import Platform

/// The lights on the subject's face, part of imaging.
package struct Illuminators: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Left and right as the subject sees them.
    package static let left = Illuminators(rawValue: 1)
    package static let right = Illuminators(rawValue: 2)
    package static let front = Illuminators(rawValue: 4)
    package static let all: Illuminators = [.left, .right, .front]

    /// Those that are in it, one by one.
    package var each: [Illuminators] { [.left, .right, .front].filter(contains) }
}

/// All lights of the device at one moment.
package struct LightState: Hashable, Sendable {
    /// Lit whenever the camera is on.
    package var privacyLamp: Bool
    package var illuminators: Illuminators
    package var indicators: Indicators

    package init(privacyLamp: Bool, illuminators: Illuminators = [], indicators: Indicators = []) {
        self.privacyLamp = privacyLamp
        self.illuminators = illuminators
        self.indicators = indicators
    }

    package static let dark = LightState(privacyLamp: false)
    package static let full = LightState(
        privacyLamp: true, illuminators: .all, indicators: [.green, .yellow, .red, .white])
}

/// The device's lights; each call sets all of them.
///
/// May be called from any thread, one at a time.
package protocol Lights: Sendable {
    /// The lights that the device has and can drive; `show` passes over the others.
    var fixtures: LightState { get }
    /// Checks that the lights can be driven, without changing them.
    func check() throws(LightsFault)
    func show(_ state: LightState) throws(LightsFault)
}

/// What can be wrong with the lights.
package enum LightsFault: Fault, Hashable {
    case chipMissing(chip: String)
    case permissionDenied(chip: String)
    case lineMissing(line: String, chip: String)
    case lineTaken(line: String, consumer: String)
    case system(call: String, line: String, Errno)

    package var problem: String {
        switch self {
        case .chipMissing(let chip): "No GPIO chip answers at \(chip)."
        case .permissionDenied(let chip): "This process may not open the GPIO chip \(chip)."
        case .lineMissing(let line, let chip): "\(chip) has no GPIO line named \(line)."
        case .lineTaken(let line, let consumer): "GPIO line \(line) is already held by \(consumer)."
        case .system(let call, let line, let errno): "\(call) on GPIO line \(line) failed: \(errno)."
        }
    }

    package var remedy: String {
        switch self {
        case .chipMissing: "Check that the board profile names this board's GPIO chip and that its driver is loaded."
        case .permissionDenied: "Run as a member of the group that owns the chip's device node, usually `gpio`."
        case .lineMissing: "Compare the board profile with the names that `gpioinfo` prints."
        case .lineTaken: "Stop the program that `gpioinfo` shows as the consumer."
        case .system: "Power-cycle the device; if it happens again, send the journal to support."
        }
    }
}
