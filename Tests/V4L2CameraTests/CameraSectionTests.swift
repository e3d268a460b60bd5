import Frames
import Ports
import Settings
import Testing
import V4L2Camera

private func profile(_ text: String) throws(SettingsFaults) -> V4L2CameraProfile {
    var settings = Settings([SettingsFile(name: "board.conf", text: Array("[Camera]\n\(text)".utf8))])
    let profile = settings.section("Camera") { V4L2CameraProfile(&$0) }
    try settings.finish()
    return profile
}

private func faults(_ text: String) -> [String] {
    do throws(SettingsFaults) {
        _ = try profile(text)
        return []
    } catch {
        return error.all.map(\.description)
    }
}

@Suite struct CameraSectionTests {
    @Test func `a path is enough`() throws {
        let expected = V4L2CameraProfile(
            path: "/dev/camera", expected: nil, pixelFormats: [.motionJPEG, .yuyv, .nv12, .grey], width: 1280,
            height: 720, frameInterval: .nanoseconds(33_333_333))
        #expect(try profile("Path=/dev/camera") == expected)
        #expect(V4L2CameraProfile.standard(path: "/dev/camera") == expected)
    }

    @Test func `every key is read`() throws {
        let profile = try profile(
            """
            Path=/dev/camera
            Vendor=046d
            Product=0825
            Serial=A 1
            PixelFormats=YUYV MJPG
            Size=640x480
            Rate=15
            Conversion=yes
            """)
        let expected = V4L2CameraProfile(
            path: "/dev/camera", expected: CameraIdentity(vendor: "046d", product: "0825", serial: "A 1"),
            pixelFormats: [.yuyv, .motionJPEG], width: 640, height: 480, frameInterval: .nanoseconds(66_666_666),
            allowsConversion: true)
        #expect(profile == expected)
    }

    @Test(arguments: [
        ("ExposurePriority=no", [(0x9A_0903, 0)]), ("ExposurePriority=yes", [(0x9A_0903, 1)]),
        ("PowerLineFrequency=off", [(0x98_0918, 0)]), ("PowerLineFrequency=50Hz", [(0x98_0918, 1)]),
        ("PowerLineFrequency=60Hz", [(0x98_0918, 2)]), ("PowerLineFrequency=auto", [(0x98_0918, 3)]),
        ("Gain=7", [(0x98_0913, 7)]), ("ExposureTime=12.5", [(0x9A_0901, 1), (0x9A_0902, 125)]),
        ("WhiteBalance=5000", [(0x98_090C, 0), (0x98_091A, 5000)]), ("Focus=9", [(0x9A_090C, 0), (0x9A_090A, 9)]),
    ]) func `a control is set after the automatic that would override it`(line: String, controls: [(Int, Int)]) throws {
        let expected = controls.map { CameraControl(identifier: UInt32($0.0), value: Int32($0.1)) }
        #expect(try profile("Path=/dev/camera\n\(line)").controls == expected)
    }

    @Test(arguments: [
        ("", "board.conf:1: [Camera] lacks Path. Set Path= to the camera's node or a link to it."),
        ("Path=video0", "board.conf:2: video0 does not fit Path in [Camera]. Give a path that begins with /."),
        (
            "Path=/c\nPixelFormats=MJPEG",
            "board.conf:3: MJPEG does not fit PixelFormats in [Camera]. Did you mean MJPG?"
        ),
        (
            "Path=/c\nSize=1280x",
            "board.conf:3: 1280x does not fit Size in [Camera]. Give a size such as 1280x720, up to 4096x4096."
        ),
        (
            "Path=/c\nVendor=046d",
            "board.conf:3: [Camera] pins a camera only in part. "
                + "Set both Vendor= and Product=, or neither of the three."
        ),
        ("Path=/c\nFocsu=1", "board.conf:3: Unknown key Focsu in [Camera]. Did you mean Focus?"),
    ]) func `a mistake is told with its place and its remedy`(text: String, fault: String) {
        #expect(faults(text) == [fault])
    }

    @Test(arguments: ["1280", "0x0", "63x480", "4097x720", "1280x720x3", "-64x64", "1280X720", "٦٤x64", "x"])
    func `no other size is taken`(size: String) {
        #expect(faults("Path=/c\nSize=\(size)").count == 1)
    }

    @Test func `all mistakes are told`() {
        #expect(faults("Vendor=1\nRate=0\nX=1\nGain=-1").count == 5)
    }
}
