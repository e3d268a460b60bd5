import Frames
import Glibc
import Platform
import Ports
import Support
import Testing
import V4L2Camera

private let name = "/dev/v4l/by-path/counter"

@Suite struct V4L2CameraStreamTests {
    private let pool = FramePool(capacity: 2, bytesPerFrame: 64)

    private func start(_ kernel: PlayedKernel, _ profile: V4L2CameraProfile) throws(CameraFault) -> any CameraStream {
        try V4L2Camera(profile: profile, time: kernel.time, kernel: kernel).startStreaming()
    }

    /// A Motion JPEG camera whose buffers hold 40 bytes.
    private func motionJPEGKernel(_ steps: [PlayedKernel.Step] = []) -> PlayedKernel {
        let kernel = PlayedKernel(offering: [offer("MJPG", stride: 0)])
        kernel.content = (0..<40).map { UInt8($0) }
        kernel.steps = steps
        return kernel
    }

    @Test func `a frame keeps the driver's count and time, and its buffer goes back`() throws {
        let kernel = motionJPEGKernel([
            .frame(buffer(2, byteCount: 10, sequence: 7, nanoseconds: 123)), .frame(buffer(byteCount: 40, sequence: 9)),
        ])
        let stream = try start(kernel, profile([.motionJPEG]))
        let first = try stream.seeFrame(from: pool)
        #expect(first?.format == FrameFormat(.motionJPEG, width: 8, height: 4, stride: 0))
        #expect(first?.sequence == 7)
        #expect(first?.timestamp == Timestamp(nanoseconds: 123))
        #expect(first?.bytes == (0..<10).map { UInt8($0) })
        #expect(kernel.queuedBuffers == 0b1111)
        #expect(try stream.seeFrame(from: pool)?.sequence == 9)
    }

    /// The kernel's clock stands at one second.
    @Test(arguments: [nil, .max, 1_000_000_001] as [Int64?])
    func `a frame stamped with another clock, or ahead, is stamped on arrival`(nanoseconds: Int64?) throws {
        let kernel = motionJPEGKernel([.frame(buffer(byteCount: 10, nanoseconds: nanoseconds))])
        let frame = try start(kernel, profile([.motionJPEG])).seeFrame(from: pool)
        #expect(frame?.timestamp == kernel.time.now())
    }

    @Test(arguments: [
        (PixelFormat.grey, UInt32(11), 44, 4), (.yuyv, 20, 80, 4), (.nv12, 9, 54, 6), (.grey, 8, 32, 4),
        (.nv12, 8, 48, 6),
    ])
    func `padding between rows is left behind`(format: PixelFormat, stride: UInt32, byteCount: Int, rows: Int) throws {
        let kernel = PlayedKernel(offering: [offer(format.fourCC, stride: stride)])
        // Every byte tells its row; padding is 0xEE.
        let width = format == .yuyv ? 16 : 8
        kernel.content = (0..<byteCount).map { $0 % Int(stride) < width ? UInt8($0 / Int(stride)) : 0xEE }
        kernel.steps = [.frame(buffer(byteCount: UInt32(byteCount)))]
        let frame = try start(kernel, profile([format])).seeFrame(from: pool)
        #expect(frame?.format == FrameFormat(format, width: 8, height: 4, stride: width))
        #expect(frame?.bytes == (0..<rows).flatMap { [UInt8](repeating: UInt8($0), count: width) })
    }

    @Test(arguments: [
        ("MJPG", 0, buffer(byteCount: 10, isBroken: true)), ("MJPG", 0, buffer(byteCount: 0)),
        ("MJPG", 0, buffer(byteCount: 81)), ("MJPG", 0, buffer(byteCount: .max)), ("MJPG", 0, buffer(byteCount: 65)),
        ("GREY", 8, buffer(byteCount: 31)), ("YUYV", 20, buffer(byteCount: 79)), ("YUYV", 20, buffer(byteCount: 81)),
    ])
    func `a broken, short or oversized frame is dropped and counted`(
        format: String, stride: UInt32, bad: FinishedBuffer
    ) throws {
        let kernel = PlayedKernel(offering: [offer(format, stride: stride)])
        kernel.content = [UInt8](repeating: 0, count: 80)
        kernel.steps = [.frame(bad)]
        let stream = try #require(
            try start(kernel, profile([.motionJPEG, .grey, .yuyv])) as? V4L2CameraStream)
        #expect(try stream.seeFrame(from: pool) == nil)
        #expect(stream.droppedCount == 1)
        #expect(kernel.queuedBuffers == 0b1111)
        #expect(pool.freeCount == 2)
    }

    @Test func `a frame without a free buffer is dropped and counted`() throws {
        let kernel = motionJPEGKernel([.frame(buffer(byteCount: 10)), .frame(buffer(byteCount: 10))])
        let stream = try #require(try start(kernel, profile([.motionJPEG])) as? V4L2CameraStream)
        let pool = FramePool(capacity: 1, bytesPerFrame: 64)
        let held = try stream.nextFrame(from: pool, within: .seconds(1))
        #expect(try stream.seeFrame(from: pool) == nil)
        #expect(stream.droppedCount == 1)
        _ = consume held
    }

    @Test(arguments: [
        (ENODEV, CameraFault.unplugged(name: name)), (EIO, .system(call: "VIDIOC_DQBUF", name: name, Errno(EIO))),
        (EINVAL, .system(call: "VIDIOC_DQBUF", name: name, Errno(EINVAL))),
    ])
    func `a failed stream says why`(errno: CInt, expected: CameraFault) throws {
        let kernel = motionJPEGKernel([.failure(errno)])
        let stream = try start(kernel, profile([.motionJPEG]))
        #expect(fault { () throws(CameraFault) in _ = try stream.seeFrame(from: pool) } == expected)
    }

    @Test func `a buffer number that was never given is a fault`() throws {
        let kernel = motionJPEGKernel([.frame(buffer(4, byteCount: 10))])
        let stream = try start(kernel, profile([.motionJPEG]))
        #expect(
            fault { () throws(CameraFault) in _ = try stream.seeFrame(from: pool) }
                == .system(call: "VIDIOC_DQBUF", name: name, Errno(EBADMSG)))
    }

    @Test func `silence is stalled after the timeout, not before`() throws {
        let kernel = motionJPEGKernel([.falseAlarm, .falseAlarm])
        let stream = try start(kernel, profile([.motionJPEG]))
        let before = kernel.time.now()
        #expect(
            fault { () throws(CameraFault) in _ = try stream.seeFrame(from: pool, within: .milliseconds(200)) }
                == .stalled(name: name, after: .milliseconds(200)))
        #expect(kernel.time.now() - before == .milliseconds(200))
    }

    @Test func `a false alarm is waited through`() throws {
        let kernel = motionJPEGKernel([.falseAlarm, .frame(buffer(byteCount: 10, sequence: 3))])
        #expect(try start(kernel, profile([.motionJPEG])).seeFrame(from: pool)?.sequence == 3)
    }

    @Test(arguments: [UInt32(1), 2, 32]) func `any number of granted buffers will do`(count: UInt32) throws {
        let kernel = motionJPEGKernel([.frame(buffer(count - 1, byteCount: 10))])
        kernel.grant = count
        let stream = try start(kernel, profile([.motionJPEG]))
        #expect(kernel.mappingCount == Int(count))
        #expect(try stream.seeFrame(from: pool) != nil)
    }

    @Test(arguments: [UInt32(0), 33]) func `an impossible number of buffers is a fault`(count: UInt32) {
        let kernel = motionJPEGKernel()
        kernel.grant = count
        #expect(
            fault { () throws(CameraFault) in _ = try start(kernel, profile([.motionJPEG])) }
                == .system(call: "VIDIOC_REQBUFS", name: name, Errno(ENOMEM)))
        expectAllGivenBack(kernel)
    }

    @Test(arguments: [
        ("VIDIOC_QUERYCAP", 0, EIO), ("realpath", 0, EIO), ("VIDIOC_ENUM_FMT", 0, EIO), ("VIDIOC_S_FMT", 0, EBUSY),
        ("VIDIOC_S_PARM", 0, EIO), ("VIDIOC_S_CTRL", 0, ETIMEDOUT), ("VIDIOC_REQBUFS", 0, EBUSY),
        ("VIDIOC_QUERYBUF", 2, EINVAL), ("mmap", 0, ENOMEM), ("mmap", 3, EPERM), ("VIDIOC_QBUF", 1, ENODEV),
        ("VIDIOC_STREAMON", 0, ENOSPC),
    ])
    func `a start that fails half-way gives everything back`(call: String, number: Int, errno: CInt) {
        let kernel = motionJPEGKernel()
        kernel.refusal = (call, number, errno)
        let profile = profile([.motionJPEG], controls: [CameraControl(identifier: 0x980900, value: 1)])
        let label = call == "VIDIOC_S_CTRL" ? "VIDIOC_S_CTRL(0x980900)" : call
        let expected: CameraFault =
            switch errno {
            case EBUSY: .busy(name: name)
            case EPERM: .permissionDenied(name: name)
            case ENODEV: .unplugged(name: name)
            default: .system(call: label, name: name, Errno(errno))
            }
        #expect(fault { () throws(CameraFault) in _ = try start(kernel, profile) } == expected)
        expectAllGivenBack(kernel)
    }

    @Test func `a driver without frame intervals still streams`() throws {
        let kernel = motionJPEGKernel([.frame(buffer(byteCount: 10))])
        kernel.refusal = ("VIDIOC_S_PARM", 0, ENOTTY)
        #expect(try start(kernel, profile([.motionJPEG])).seeFrame(from: pool) != nil)
    }

    @Test(arguments: [(33_333_333, 33_334), (40_000_000, 40_000), (1, 1)])
    func `a driver is never asked for more frames than wanted`(nanoseconds: Int64, microseconds: UInt32) throws {
        let kernel = motionJPEGKernel()
        var profile = profile([.motionJPEG])
        profile.frameInterval = .nanoseconds(nanoseconds)
        _ = try start(kernel, profile)
        #expect(kernel.frameMicroseconds == microseconds)
    }

    @Test func `stopping gives everything back, and once is enough`() throws {
        let kernel = motionJPEGKernel()
        let stream = try start(kernel, profile([.motionJPEG]))
        #expect(kernel.isStreaming && kernel.mappingCount == 4 && kernel.openDeviceCount == 1)
        stream.stop()
        expectAllGivenBack(kernel)
        stream.stop()
        expectAllGivenBack(kernel)
    }

    @Test func `a dropped stream switches the camera off`() throws {
        let kernel = motionJPEGKernel()
        do { _ = try start(kernel, profile([.motionJPEG])) }
        expectAllGivenBack(kernel)
    }

    @Test func `an unplugged camera is still unmapped and closed`() throws {
        let kernel = motionJPEGKernel()
        let stream = try start(kernel, profile([.motionJPEG]))
        kernel.refusal = ("VIDIOC_STREAMOFF", 0, ENODEV)
        stream.stop()
        #expect(kernel.mappingCount == 0 && kernel.openDeviceCount == 0)
    }

    @Test(arguments: [("MJPG", 0), ("YUYV", 16), ("YUYV", 20), ("NV12", 8), ("GREY", 8), ("UYVY", 16)])
    func `taking a frame allocates nothing`(format: String, stride: UInt32) throws {
        let kernel = PlayedKernel(offering: [offer(format, stride: stride)])
        kernel.content = [UInt8](repeating: 9, count: 80)
        kernel.steps = (0..<200).flatMap { [.falseAlarm, .frame(buffer($0 % 4, byteCount: 80))] }
        // Motion JPEG of 80 bytes needs a larger buffer than the raw frames.
        let pool = FramePool(capacity: 2, bytesPerFrame: 80)
        let stream = try start(
            kernel, profile([.motionJPEG, .yuyv, .nv12, .grey], allowsConversion: true))
        var frameCount = 0
        func take() {
            for _ in 0..<100 where (try? stream.nextFrame(from: pool, within: .seconds(1))) != nil { frameCount += 1 }
        }
        take()
        #expect(allocations(during: take) == 0)
        #expect(frameCount == 200)
    }

    private func expectAllGivenBack(_ kernel: PlayedKernel) {
        #expect(!kernel.isStreaming)
        #expect(kernel.mappingCount == 0)
        #expect(kernel.grantedBufferCount == 0)
        #expect(kernel.openDeviceCount == 0)
    }
}
