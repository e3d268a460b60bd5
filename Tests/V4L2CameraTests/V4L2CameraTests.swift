import Frames
import Glibc
import Platform
import Ports
import Testing
import V4L2Camera

private let name = "/dev/v4l/by-path/counter"
private let motionJPEG = [offer("MJPG", stride: 0)]

@Suite struct V4L2CameraTests {
    private func camera(_ kernel: PlayedKernel, _ profile: V4L2CameraProfile) -> V4L2Camera {
        V4L2Camera(profile: profile, time: kernel.time, kernel: kernel)
    }

    @Test(arguments: [
        (CameraIdentity(vendor: "1a2b", product: "0042", serial: "A7"), true),
        (CameraIdentity(vendor: "1A2B", product: "0042", serial: nil), true),
        (CameraIdentity(vendor: "1a2b", product: "0043", serial: "A7"), false),
        (CameraIdentity(vendor: "1a2c", product: "0042", serial: "A7"), false),
        (CameraIdentity(vendor: "1a2b", product: "0042", serial: "A8"), false),
    ])
    func `only the pinned camera passes`(expected: CameraIdentity, passes: Bool) {
        let kernel = PlayedKernel(offering: motionJPEG)
        let fault = fault { () throws(CameraFault) in
            try camera(kernel, profile([.motionJPEG], expected: expected)).check()
        }
        #expect(
            fault == (passes ? nil : .otherDevice(name: name, expected: "\(expected)", found: "1a2b:0042 serial A7")))
        #expect(kernel.openDeviceCount == 0)
    }

    @Test func `a camera that was pinned by hand is the only one that passes, beside what the profile says`() throws {
        let kernel = PlayedKernel(offering: motionJPEG)
        let camera = camera(kernel, profile([.motionJPEG]))
        let present = try camera.identify()
        #expect(present == CameraIdentity(vendor: "1a2b", product: "0042", serial: "A7"))
        camera.pin(present)
        try camera.check()
        kernel.attachment.usb?.serial = "A8"
        let refusal = fault { () throws(CameraFault) in try camera.check() }
        #expect(
            refusal
                == .otherDevice(name: name, expected: "1a2b:0042 serial A7", found: "1a2b:0042 serial A8"))
        #expect(try camera.identify().serial == "A8")
    }

    @Test func `every node is listed with what it is, or why it cannot be asked`() {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.refusal = ("open", 1, EACCES)
        kernel.attachment.megabitsPerSecond = 480
        let cameras = camera(kernel, profile([.motionJPEG])).cameras()
        #expect(cameras.map(\.node) == ["/dev/video0", "/dev/video1"])
        #expect(cameras[0].identity?.product == "0042" && cameras[0].formats == ["MJPG"])
        #expect(cameras[0].megabitsPerSecond == 480)
        #expect(cameras[0].captures && !cameras[0].isVirtual && cameras[0].problem == nil)
        #expect(cameras[1].identity == nil && cameras[1].problem == "\(Errno(EACCES))")
    }

    @Test func `a camera without a USB descriptor is known by driver, card and bus`() {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.capability = VideoCapability(
            driver: "unicam", card: "ov5647", bus: "platform:3f801000.csi", captures: true)
        kernel.attachment = VideoAttachment(folder: "/sys/devices/platform/soc/3f801000.csi", usb: nil)
        let pinned = CameraIdentity(vendor: "unicam", product: "ov5647", serial: "platform:3f801000.csi")
        #expect(
            fault { () throws(CameraFault) in try camera(kernel, profile([.motionJPEG], expected: pinned)).check() }
                == nil)
    }

    @Test(arguments: [
        ("uvcvideo", "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/video4linux/video0", CaptureSource.camera),
        ("vivid", "/sys/devices/platform/vivid.0/video4linux/video0", .virtual),
        ("v4l2 loopback", "/sys/devices/virtual/video4linux/video0", .virtual),
        ("renamed", "/sys/devices/virtual/video4linux/video0", .virtual),
        ("uvcvideo", "/sys/devices/platform/dummy_hcd.0/usb1/1-1/1-1:1.0/video4linux/video0", .virtual),
        ("uvcvideo", "/sys/devices/platform/vhci_hcd.0/usb1/1-1/1-1:1.0/video4linux/video0", .virtual),
    ])
    func `a device without a sensor is virtual`(driver: String, folder: String, source: CaptureSource) throws {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.capability.driver = driver
        kernel.attachment.folder = folder
        let camera = camera(kernel, profile([.motionJPEG]))
        #expect(camera.source == .virtual && camera.provenSource == nil)
        try camera.check()
        #expect(camera.source == source && camera.provenSource == source)
    }

    @Test(arguments: [
        (ENOENT, CameraFault.missing(name: name)), (ENOTDIR, .missing(name: name)), (ENODEV, .missing(name: name)),
        (ENXIO, .missing(name: name)), (EBUSY, .busy(name: name)), (EACCES, .permissionDenied(name: name)),
        (EPERM, .permissionDenied(name: name)), (EMFILE, .system(call: "open", name: name, Errno(EMFILE))),
    ])
    func `a node that does not open says why`(errno: CInt, expected: CameraFault) {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.refusal = ("open", 0, errno)
        #expect(fault { () throws(CameraFault) in try camera(kernel, profile([.motionJPEG])).check() } == expected)
    }

    @Test func `a node that does not capture is no camera`() {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.capability.captures = false
        #expect(
            fault { () throws(CameraFault) in try camera(kernel, profile([.motionJPEG])).check() }
                == .notACamera(name: name))
    }

    @Test(arguments: [
        ("/dev/null", CameraFault.notACamera(name: "/dev/null")), ("/no/camera", .missing(name: "/no/camera")),
    ])
    func `the running kernel's answers are understood`(path: String, expected: CameraFault) {
        let profile = V4L2CameraProfile(
            path: path, expected: nil, pixelFormats: [.yuyv], width: 8, height: 4, frameInterval: .milliseconds(33))
        #expect(fault { () throws(CameraFault) in try V4L2Camera(profile: profile).check() } == expected)
    }

    @Test(arguments: [
        ([PixelFormat.motionJPEG, .yuyv], PixelFormat.motionJPEG), ([.yuyv, .motionJPEG], .yuyv),
        ([.nv12, .grey], .grey),
    ])
    func `the first wanted format that is offered is taken`(wanted: [PixelFormat], chosen: PixelFormat) throws {
        let kernel = PlayedKernel(offering: [
            offer("YUYV", stride: 16), offer("MJPG", stride: 0), offer("GREY", stride: 8),
        ])
        kernel.content = [UInt8](repeating: 1, count: 64)
        kernel.steps = [.frame(buffer(byteCount: 64))]
        let stream = try camera(kernel, profile(wanted)).startStreaming()
        let frame = try stream.seeFrame(from: FramePool(capacity: 1, bytesPerFrame: 64))
        #expect(frame?.format.pixelFormat == chosen)
    }

    @Test(arguments: [
        (offer("YUYV", width: 16, height: 8, stride: 32), "YUYV at 16×8 in rows of 32 bytes"),
        (offer("YUYV", stride: 15), "YUYV at 8×4 in rows of 15 bytes"),
        (offer("YUYV", stride: .max), "YUYV at 8×4 in rows of 4294967295 bytes"),
    ])
    func `a wrong size or an impossible stride is refused`(answer: VideoFormat, text: String) {
        let kernel = PlayedKernel(offering: [answer])
        let expected = CameraFault.formatRefused(name: name, wanted: "YUYV at 8×4", offered: ["YUYV", text])
        let camera = camera(kernel, profile([.yuyv]))
        #expect(fault { () throws(CameraFault) in try camera.check() } == expected)
        #expect(fault { () throws(CameraFault) in _ = try camera.startStreaming() } == expected)
        #expect(kernel.openDeviceCount == 0)
    }

    @Test func `another format is converted only where the profile allows it`() throws {
        let kernel = PlayedKernel(offering: [offer("UYVY", stride: 16)])
        #expect(
            fault { () throws(CameraFault) in try camera(kernel, profile([.motionJPEG, .nv12])).check() }
                == .formatRefused(name: name, wanted: "MJPG or NV12 at 8×4", offered: ["UYVY"]))
        try camera(kernel, profile([.motionJPEG, .nv12], allowsConversion: true)).check()
    }

    @Test func `a format that the driver refuses just now gives way to the next`() throws {
        let kernel = PlayedKernel(offering: [offer("MJPG", stride: 0), offer("GREY", stride: 8)])
        kernel.refusal = ("VIDIOC_S_FMT", 0, EINVAL)
        kernel.content = [UInt8](repeating: 1, count: 32)
        kernel.steps = [.frame(buffer(byteCount: 32))]
        let stream = try camera(kernel, profile([.motionJPEG, .grey])).startStreaming()
        #expect(try stream.seeFrame(from: FramePool(capacity: 1, bytesPerFrame: 32))?.format.pixelFormat == .grey)
    }

    @Test func `controls are set in the profile's order`() throws {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.content = [0]
        let controls = [CameraControl(identifier: 9, value: -1), CameraControl(identifier: 3, value: 250)]
        _ = try camera(kernel, profile([.motionJPEG], controls: controls)).startStreaming()
        #expect(kernel.appliedControls == controls)
    }

    @Test(
        arguments: [
            (0x0098_0918, "PowerLineFrequency"), (0x009A_0903, "ExposurePriority"), (0x009A_0901, "ExposureTime"),
            (0x009A_0902, "ExposureTime"), (0x0098_0913, "Gain"), (0x0098_090C, "WhiteBalance"),
            (0x0098_091A, "WhiteBalance"), (0x009A_090C, "Focus"), (0x009A_090A, "Focus"),
        ] as [(UInt32, String)])
    func `a control that the camera refuses is told before and at the start`(identifier: UInt32, setting: String) throws
    {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.content = [0]
        let control = CameraControl(identifier: identifier, value: 7)
        let camera = camera(kernel, profile([.motionJPEG], controls: [control]))
        let expected = CameraFault.controlRefused(name: name, setting: setting)
        kernel.refusal = ("VIDIOC_TRY_EXT_CTRLS", 0, ERANGE)
        #expect(fault { () throws(CameraFault) in try camera.check() } == expected)
        kernel.refusal = ("VIDIOC_S_CTRL", 0, EINVAL)
        #expect(fault { () throws(CameraFault) in _ = try camera.startStreaming() } == expected)
    }

    @Test func `a control that cannot be asked about is tried at the start`() throws {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.content = [0]
        let controls = [CameraControl(identifier: 0x009A_0902, value: 200)]
        let camera = camera(kernel, profile([.motionJPEG], controls: controls))
        kernel.refusal = ("VIDIOC_TRY_EXT_CTRLS", 0, EACCES)
        try camera.check()
        #expect(kernel.appliedControls.isEmpty)
        _ = try camera.startStreaming()
        #expect(kernel.appliedControls == controls)
    }

    @Test(arguments: [EINVAL, ERANGE, EIO])
    func `a control is refused however the camera puts it`(errno: CInt) {
        let kernel = PlayedKernel(offering: motionJPEG)
        kernel.content = [0]
        let camera = camera(
            kernel, profile([.motionJPEG], controls: [CameraControl(identifier: 0x0098_0913, value: 7)]))
        let expected = CameraFault.controlRefused(name: name, setting: "Gain")
        kernel.refusal = ("VIDIOC_TRY_EXT_CTRLS", 0, errno)
        #expect(fault { () throws(CameraFault) in try camera.check() } == expected)
        kernel.refusal = ("VIDIOC_S_CTRL", 0, errno)
        #expect(fault { () throws(CameraFault) in _ = try camera.startStreaming() } == expected)
    }

    @Test func `a camera that does not answer about a control is asked about no other`() {
        let kernel = PlayedKernel(offering: motionJPEG)
        let controls = [CameraControl(identifier: 0x0098_0913, value: 7), CameraControl(identifier: 9, value: 1)]
        kernel.refusal = ("VIDIOC_TRY_EXT_CTRLS", 0, ETIMEDOUT)
        #expect(
            fault { () throws(CameraFault) in try camera(kernel, profile([.motionJPEG], controls: controls)).check() }
                == .system(call: "VIDIOC_TRY_EXT_CTRLS(Gain)", name: name, Errno(ETIMEDOUT)))
    }

    @Test func `buffers can be made before the camera is on`() {
        #expect(profile([.motionJPEG]).maximumFrameByteCount == 32)
        #expect(profile([.motionJPEG, .grey, .yuyv]).maximumFrameByteCount == 64)
        #expect(profile([.grey], allowsConversion: true).maximumFrameByteCount == 48)
    }
}
