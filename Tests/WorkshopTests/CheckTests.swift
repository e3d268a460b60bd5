import Biometrics
import Cues
import Foundation
import Interface
import Pipeline
import Platform
import Ports
import Testing

@testable import Workshop

@Suite struct CheckTests {
    private static func figures(_ change: (inout CameraTrial.Figures) -> Void) -> CameraTrial.Figures {
        var figures = CameraTrial.Figures()
        (figures.frameCount, figures.time, figures.luminance) = (61, .seconds(2), 120)
        figures.gains = [.left: 4, .right: 3, .front: 5]
        change(&figures)
        return figures
    }

    private static func face(luminance: Double) -> FaceQuality {
        FaceQuality(
            interEyeDistance: 60, sharpness: 0.4, luminanceMean: luminance, underExposedShare: 0, overExposedShare: 0,
            illuminationAsymmetry: 0)
    }

    private static let interval = Duration.nanoseconds(33_333_333)

    @Test func `good frames pass, with nothing to be done`() {
        let checks = Checks.frames(Self.figures { $0.face = Self.face(luminance: 120) }, wanted: Self.interval)
        #expect(checks.map(\.name) == ["frameRate", "frames", "exposure", "focus"])
        #expect(checks.allSatisfy { $0.result == .pass && $0.remedy == nil })
        #expect(checks[0].seen == "30.0 frames a second, 30.0 wanted")
    }

    @Test(
        arguments: [
            (figures { $0.time = .seconds(4) }, "frameRate", .warning),
            (figures { $0.time = .seconds(15) }, "frameRate", .fail),
            (figures { $0.frameCount = 0 }, "frameRate", .fail),
            (figures { $0.lostCount = 1 }, "frames", .warning),
            (figures { $0.unreadableCount = 10 }, "frames", .fail),
            (figures { $0.brokenCount = 10 }, "frames", .fail),
            (figures { $0.luminance = 44 }, "exposure", .warning),
            (figures { $0.luminance = 216 }, "exposure", .warning),
            (figures { $0.overExposedShare = 0.3 }, "exposure", .warning),
        ] as [(CameraTrial.Figures, String, Technician.CheckResult)])
    func `what is wrong with frames is told with a remedy`(
        figures: CameraTrial.Figures, name: String, result: Technician.CheckResult
    ) {
        let check = Checks.frames(figures, wanted: Self.interval).first { $0.name == name }
        #expect(check?.result == result && check?.remedy?.isEmpty == false)
    }

    @Test func `an illuminator that the camera does not see is named`() {
        let all = Checks.illuminators(Self.figures { _ in }, fixtures: .full, demandsLight: true)
        #expect(all.result == .pass && all.seen == "brighter by left 4.0, right 3.0, front 5.0")
        let broken = Checks.illuminators(
            Self.figures { $0.gains[.right] = 1.4 }, fixtures: .full, demandsLight: true)
        #expect(broken.result == .fail && broken.remedy?.hasPrefix("Look at right with") == true)
        #expect(Checks.illuminators(Self.figures { _ in }, fixtures: .dark, demandsLight: false).result == .unknown)
    }

    @Test(arguments: [[], .left, .front, [.right, .front]] as [Illuminators])
    func `a policy that demands light is told where a side has none`(illuminators: Illuminators) {
        let check = Checks.illuminators(
            Self.figures { _ in }, fixtures: LightState(privacyLamp: true, illuminators: illuminators),
            demandsLight: true)
        #expect(check.result == .warning && check.meaning.contains("at best refer"))
        #expect(check.remedy?.contains("Light=tried") == true)
    }

    private static let camera = CameraIdentity(vendor: "1a2b", product: "0042", serial: "A7")
    private static let other = CameraIdentity(vendor: "1a2b", product: "0042", serial: "A8")

    @Test(
        arguments: [
            (camera, camera, true, .pass), (other, camera, true, .fail), (camera, nil, true, .warning),
            (nil, camera, true, .unknown), (nil, nil, false, .unknown),
        ] as [(CameraIdentity?, CameraIdentity?, Bool, Technician.CheckResult)])
    func `only the pinned camera passes`(
        found: CameraIdentity?, pinned: CameraIdentity?, isDevice: Bool, result: Technician.CheckResult
    ) {
        #expect(Checks.identity(found: found, pinned: pinned, isDevice: isDevice).result == result)
    }

    @Test func `only a sensor on a bus passes`() {
        var camera = CameraDescription(node: "/dev/video0")
        (camera.bus, camera.driver) = ("usb-1", "uvcvideo")
        #expect(Checks.bus(camera).result == .pass && Checks.bus(camera).seen == "usb-1, driver uvcvideo")
        camera.isVirtual = true
        #expect(Checks.bus(camera).result == .warning && Checks.bus(nil).result == .unknown)
    }

    @Test(
        arguments: [(nil, .unknown), (12, .fail), (480, .pass), (5000, .pass)]
            as [(
                Double?, Technician.CheckResult
            )])
    func `a link slower than USB 2 is told`(megabits: Double?, result: Technician.CheckResult) {
        #expect(Checks.linkSpeed(megabits).result == result)
    }

    @Test func `illuminators that are not calibrated, or too weak, are told`() {
        func check(_ rise: Double?, exposure: HeldExposure? = HeldExposure(time: 1, gain: nil)) -> Technician.Check {
            Checks.calibration(
                rise.map {
                    LightCalibration(
                        delayMilliseconds: 0, left: 0.3, right: $0, front: 0, faceWidth: 0.2, exposure: exposure)
                }, fixtures: LightState(privacyLamp: true, illuminators: [.left, .right]))
        }
        #expect(check(0.15).result == .pass)
        #expect(check(0.14).result == .warning && check(0.14).seen.contains("right 14 %"))
        #expect(check(0.3, exposure: nil).result == .warning)
        #expect(check(0.3, exposure: nil).remedy?.hasPrefix("Leave out ExposureTime= and calibrate in a") ?? false)
        #expect(check(nil).remedy?.contains("portraitctl lights calibrate") ?? false)
        #expect(Checks.calibration(nil, fixtures: LightState(privacyLamp: true)).result == .unknown)
    }

    @Test func `the thresholds were drawn with the mesh network that is pinned`() throws {
        let pins = URL(filePath: #filePath).appending(path: "../../../device/models/pins.json").standardized
        let text = try String(contentsOf: pins, encoding: .utf8)
        #expect(text.contains("\"mesh.tflite\": \"\(Thresholds.mesh)\""))
    }

    @Test func `thresholds hold for one mesh network, and for no board yet`() {
        #expect(Checks.thresholds(mesh: Thresholds.mesh, isDevice: false).result == .pass)
        #expect(Checks.thresholds(mesh: Thresholds.mesh, isDevice: true).result == .unknown)
        #expect(Checks.thresholds(mesh: Digest(of: [1]).description, isDevice: false).result == .warning)
        #expect(Checks.thresholds(mesh: nil, isDevice: true).result == .unknown)
    }

    @Test(
        arguments: [(nil, .unknown), (0.149, .fail), (0.249, .warning), (0.25, .pass)]
            as [(
                Double?, Technician.CheckResult
            )])
    func `a face out of focus is told`(sharpness: Double?, result: Technician.CheckResult) {
        let check = Checks.focus(sharpness)
        #expect(check.result == result && (check.remedy == nil) == (result == .pass))
    }

    @Test func `exposure is judged by the face where one is in sight`() {
        let figures = Self.figures { $0.face = Self.face(luminance: 44) }
        let check = Checks.frames(figures, wanted: nil).first { $0.name == "exposure" }
        #expect(check?.result == .warning && check?.seen.hasPrefix("face's mean luminance 44.0") == true)
    }

    @Test(
        arguments: [(nil, .unknown), (74.9, .pass), (75, .warning), (85, .fail)] as [(Double?, Technician.CheckResult)])
    func `heat is told`(celsius: Double?, result: Technician.CheckResult) {
        #expect(Checks.temperature(celsius).result == result)
    }

    @Test(
        arguments: [
            ("Seccomp:\t2\nNoNewPrivs:\t1\nCapEff:\t0000000000000000", .pass),
            ("Seccomp:\t0\nNoNewPrivs:\t1\nCapEff:\t0000000000000000", .warning),
            ("Seccomp:\t2\nNoNewPrivs:\t0\nCapEff:\t0000000000000000", .warning),
            ("Seccomp:\t2\nNoNewPrivs:\t1\nCapEff:\t0000000000000001", .warning),
            ("", .warning), (nil, .unknown),
        ] as [(String?, Technician.CheckResult)])
    func `a process outside of its sandbox is told`(status: String?, result: Technician.CheckResult) {
        #expect(Checks.sandbox(status).result == result)
    }
}
