import Biometrics
import Cues
import Evidence
import Faces
import Interface
import Pipeline
import Platform
import Ports
import Session

extension Technician.Check {
    fileprivate init(
        _ name: String, _ result: Technician.CheckResult, _ seen: String, _ meaning: String, _ remedy: String
    ) {
        self.init(
            name: name, result: result, seen: seen, meaning: meaning, remedy: result == .pass ? nil : remedy)
    }

    /// Passes unless there is a fault.
    init(_ name: String, _ fault: (any Fault)?, seen: String, meaning: String) {
        self.init(name, fault == nil ? .pass : .fail, fault?.problem ?? seen, meaning, fault?.remedy ?? "")
    }
}

/// The checks that judge what was measured; each is a function of values.
enum Checks {
    /// Whether the camera at the end of the cable is the one that was taken on.
    static func identity(found: CameraIdentity?, pinned: CameraIdentity?, isDevice: Bool) -> Technician.Check {
        let meaning = "Another camera could show the device whatever somebody wants it to see."
        guard isDevice else {
            return .init(
                "identity", .unknown, "no camera on a cable", meaning, "Start portraitd with a board profile.")
        }
        guard let found else {
            return .init("identity", .unknown, "no camera answers", meaning, "Connect the camera, then look again.")
        }
        guard let pinned else {
            return .init(
                "identity", .warning, "\(found), and any other would be accepted", meaning,
                "Take it on: portraitctl cameras pin.")
        }
        return .init(
            "identity", pinned.accepts(found) ? .pass : .fail, "\(found)", meaning,
            "Plug in \(pinned), or take this one on: portraitctl cameras pin.")
    }

    /// Where the device's own camera hangs.
    static func bus(_ camera: CameraDescription?) -> Technician.Check {
        .init(
            "bus", camera.map { $0.isVirtual ? .warning : .pass } ?? .unknown,
            camera.map { "\($0.bus), driver \($0.driver)" + ($0.isVirtual ? ", without a sensor" : "") }
                ?? "no camera could be asked",
            "What no sensor saw is never signed with the device key.", "Connect a camera with a sensor of its own.")
    }

    /// 1280×720 as JPEG takes some 100 Mbit/s, which USB 1 does not carry.
    private static let leastMegabits = 480.0

    static func linkSpeed(_ megabits: Double?) -> Technician.Check {
        .init(
            "linkSpeed", megabits.map { $0 < leastMegabits ? .fail : .pass } ?? .unknown,
            megabits.map { "\($0.text) Mbit/s" } ?? "no camera on USB could be asked",
            "A link slower than USB 2 (480 Mbit/s) does not carry the pictures.",
            "Plug the camera into the device itself, leave hubs out, and replace the cable.")
    }

    static func formats(_ offered: [String]?) -> Technician.Check {
        .init(
            "formats", offered == nil ? .unknown : offered == [] ? .fail : .pass,
            offered.map { $0.joined(separator: ", ") } ?? "no camera could be asked",
            "The board profile's formats must be among them.", "Compare PixelFormats= with portraitctl cameras.")
    }

    /// Judges the frames of a trial; `wanted` is the interval that the profile asks for.
    static func frames(_ figures: CameraTrial.Figures, wanted: Duration?) -> [Technician.Check] {
        let rate = figures.rate
        let least = wanted.map { 0.9 / $0.seconds } ?? 10
        let bad = figures.lostCount + figures.brokenCount + figures.unreadableCount
        let all = figures.frameCount + figures.lostCount + figures.brokenCount
        return [
            .init(
                "frameRate", rate >= least ? .pass : rate >= 5 ? .warning : .fail,
                "\(rate.text) frames a second" + (wanted.map { ", \((1 / $0.seconds).text) wanted" } ?? ""),
                "A slow camera makes verifications long, and below 5 it cannot be used.",
                "Look for a USB 2 cable or hub, set ExposurePriority=no, and light the room."),
            .init(
                "frames", bad == 0 ? .pass : bad * 10 <= all ? .warning : .fail,
                "\(figures.lostCount) lost, \(figures.brokenCount) broken, \(figures.unreadableCount) unreadable of \(all)",
                "Lost frames break the track of a face.", "Replace the cable, leave hubs out, then replace the camera."),
            exposure(figures), focus(figures.face?.sharpness),
        ]
    }

    /// Judged as a verification judges it, by a face where one is in sight, else by the whole picture.
    private static func exposure(_ figures: CameraTrial.Figures) -> Technician.Check {
        let luminance = figures.face?.luminanceMean ?? figures.luminance
        let isGood = needs.luminanceMean.contains(luminance) && figures.overExposedShare < 0.3
        let place = figures.face == nil ? "picture" : "face"
        return .init(
            "exposure", isGood ? .pass : .warning,
            "\(place)'s mean luminance \(luminance.text) of 255, \((100 * figures.overExposedShare).text) % too bright",
            "A face that is too dark or too bright cannot be compared.",
            "Light the counter, and turn the camera away from windows.")
    }

    private static let needs = FramingRequirements()

    /// `FocusTests` has the measurement: sharp simulated faces have more, and a lens that blurs by 2 % of the distance
    /// between the eyes leaves less.
    private static let goodSharpness = 0.25

    /// `sharpness` is that of the sharpest face in sight.
    static func focus(_ sharpness: Double?) -> Technician.Check {
        .init(
            "focus",
            sharpness.map { $0 < needs.leastSharpness ? .fail : $0 < goodSharpness ? .warning : .pass } ?? .unknown,
            sharpness.map { "sharpness \(Int((100 * $0).rounded())), \(Int(100 * goodSharpness)) or more is in focus" }
                ?? "no face in sight",
            "A face that is out of focus is asked to hold still, and never compared.",
            sharpness == nil
                ? "Stand before the camera, or hold a printed portrait there, then look again."
                : "Clean the lens, then set its focus, or Focus= in the board profile, while portraitctl aim runs.")
    }

    /// No part of a picture brightens so much three times in step with a light that is not there.
    private static let leastGain = 1.5

    /// Each illuminator must brighten what the camera sees, and where a policy `demandsLight` both sides must have one.
    static func illuminators(
        _ figures: CameraTrial.Figures, fixtures: LightState, demandsLight: Bool
    ) -> Technician.Check {
        let meaning = "A light that the camera does not see proves nothing about a face."
        let lamps: [(Technician.Lamp, Illuminators)] = [(.left, .left), (.right, .right), (.front, .front)]
        let present = lamps.filter { fixtures.illuminators.contains($0.1) }
        let gains = present.map { "\($0.0.rawValue) \((figures.gains[$0.1] ?? 0).text)" }
        let seen = present.isEmpty ? "the device has none" : "brighter by \(gains.joined(separator: ", "))"
        let dark = present.filter { (figures.gains[$0.1] ?? 0) < leastGain }.map(\.0.rawValue)
        if demandsLight, dark.isEmpty, !fixtures.illuminators.isSuperset(of: [.left, .right]) {
            return .init(
                "illuminators", .warning, seen,
                "Without them at both sides a policy with Light=yes verifies nobody: the verdict is at best refer.",
                "Name Left= and Right= in the board profile's [Lights], or set Light=tried or Light=no.")
        }
        if present.isEmpty {
            return .init("illuminators", .unknown, seen, meaning, "Name them in the board profile's [Lights].")
        }
        return .init(
            "illuminators", dark.isEmpty ? .pass : .fail, seen, meaning,
            "Look at \(dark.joined(separator: " and ")) with portraitctl lights; check wiring and ActiveLow=.")
    }

    /// What was kept when the illuminators were calibrated, on a device that has them at both sides.
    static func calibration(_ calibration: LightCalibration?, fixtures: LightState) -> Technician.Check {
        let meaning = "By it the light challenge tells a screen that fills the picture from illuminators too weak."
        guard fixtures.illuminators.isSuperset(of: [.left, .right]) else {
            return .init(
                "calibration", .unknown, "no illuminators at both sides", meaning,
                "Name them in the board profile's [Lights].")
        }
        let remedy = "Stand where customers stand: portraitctl lights calibrate."
        guard let calibration else { return .init("calibration", .warning, "not calibrated", meaning, remedy) }
        let weaker = min(calibration.left, calibration.right)
        let seen = "left \(calibration.left.asPercent), right \(calibration.right.asPercent) of the room's light"
        guard calibration.exposure != nil else {
            return .init(
                "calibration", .warning,
                "\(seen); the camera did not tell by its exposure how bright the room is, so only the delay is used",
                meaning,
                "Leave out ExposureTime= and calibrate in a brighter room, or use a camera that tells the exposure "
                    + "it finds; else live with referred verdicts.")
        }
        return .init(
            "calibration", weaker < 0.15 ? .warning : .pass, seen, meaning, "Brighten the illuminators. \(remedy)"
        )
    }

    /// `mesh` is the SHA-256 of the network that the device runs, in hexadecimal digits.
    static func thresholds(mesh: String?, isDevice: Bool) -> Technician.Check {
        let meaning = "Lines that were drawn elsewhere may let an attack pass, or accuse an honest person."
        guard let mesh else {
            return .init("thresholds", .unknown, "no pack", meaning, "Mend what the check named pack tells.")
        }
        if mesh != Thresholds.mesh {
            return .init(
                "thresholds", .warning, "drawn with another mesh network than this pack has", meaning,
                "Measure this pack with portraitlab attacks, and draw them anew.")
        }
        return .init(
            "thresholds", isDevice ? .unknown : .pass,
            "drawn with this mesh network" + (isDevice ? ", but in simulation, not with this board" : ""), meaning,
            "Have the device evaluated by ISO/IEC 30107-3 before its verdicts count.")
    }

    static func disk(_ space: DiskSpace?) -> Technician.Check {
        .init(
            "disk", space == nil ? .unknown : (space?.freeShare ?? 0) < DiskSpace.leastFreeShare ? .warning : .pass,
            space.map { "\($0.freeByteCount >> 20) MiB free of \($0.byteCount >> 20) MiB" } ?? "no state folder",
            "Nothing is verified when a receipt finds no room.",
            "Make room, or lower MaximumSize= in the configuration's section Log.")
    }

    static func memory(isLocked: Bool, status: String?) -> Technician.Check {
        let resident = status.flatMap { field("VmRSS", in: $0) } ?? "unknown"
        return .init(
            "memory", isLocked ? .pass : .warning, "\(isLocked ? "locked" : "not locked"), resident \(resident)",
            "Memory that is not locked could reach the swap disk with pixels in it.", "Raise LimitMEMLOCK= of the unit."
        )
    }

    /// The warmest zone in °C; `nil` without any.
    static func temperature(_ celsius: Double?) -> Technician.Check {
        .init(
            "temperature", celsius.map { $0 < 75 ? .pass : $0 < 85 ? .warning : .fail } ?? .unknown,
            celsius.map { "\($0.text) °C" } ?? "no thermal zone", "A hot board slows down, then switches off.",
            "Free the vents, and keep the device out of the sun.")
    }

    static func clock(isSynchronised: Bool) -> Technician.Check {
        .init(
            "clock", isSynchronised ? .pass : .warning, isSynchronised ? "synchronised" : "not synchronised since boot",
            "Receipts carry the time; their order does not depend on it.", "Set a time server for systemd-timesyncd.")
    }

    /// `status` is the text of `/proc/self/status`.
    static func sandbox(_ status: String?) -> Technician.Check {
        let (filter, privileges) = (
            status.flatMap { field("Seccomp", in: $0) }, status.flatMap { field("NoNewPrivs", in: $0) }
        )
        let capabilities = status.flatMap { field("CapEff", in: $0) }
        let isTight = filter == "2" && privileges == "1" && capabilities?.allSatisfy { $0 == "0" } == true
        return .init(
            "sandbox", status == nil ? .unknown : isTight ? .pass : .warning,
            "Seccomp \(filter ?? "?"), NoNewPrivs \(privileges ?? "?"), capabilities \(capabilities ?? "?")",
            "The unit keeps a daemon that was taken over from everything but camera, lights and log.",
            "Run it by its unit: systemctl start portraitd.")
    }

    /// The value behind `name` in the lines of procfs.
    private static func field(_ name: String, in text: String) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line.map { $0.dropFirst(name.count + 1).drop { $0 == "\t" || $0 == " " }.description }
    }
}

extension Double {
    /// With one digit behind the point.
    fileprivate var text: String { "\((self * 10).rounded() / 10)" }
}
