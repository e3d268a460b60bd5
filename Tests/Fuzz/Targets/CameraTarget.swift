import Frames
import Imaging
import Platform
import Ports
import V4L2Camera

/// A camera driver that lies about formats, strides, sizes and buffers.
///
/// The input: whether libv4l may convert (one byte), what `HostileDriver` reads, and what the buffers hold.
final class CameraTarget: FuzzTarget {
    static let name = "camera"
    static let longest = 4 << 10
    static let (width, height) = (16, 8)

    private let pool = FramePool(capacity: 1, bytesPerFrame: 1 << 10)
    private var picture = FramePicture(maximumPixels: 32 * 16)

    static var seeds: [[UInt8]] {
        let formats: [(fourCC: UInt32, stride: UInt32, count: UInt32)] = [
            (PixelFormat.grey.rawValue, 20, 160), (PixelFormat.yuyv.rawValue, 32, 256),
            (PixelFormat.nv12.rawValue, 16, 192), (PixelFormat.motionJPEG.rawValue, 0, 100),
            // UYVY, YU12, RGB3 and BA81, which libv4l converts.
            (0x5956_5955, 32, 256), (0x3231_5559, 16, 192), (0x3342_4752, 48, 384), (0x3138_4142, 16, 128),
        ]
        return formats.map { format in
            let answer = littleEndian(format.fourCC) + [0] + littleEndian(format.stride)
            let buffer = [0] + littleEndian(format.count) + [0]
            return [1] + answer + buffer + buffer + (0..<384).map { UInt8(truncatingIfNeeded: $0 * 5) }
        }
    }

    init() {}

    func run(_ bytes: [UInt8]) {
        var reader = InputReader(bytes)
        let profile = V4L2CameraProfile(
            path: "/dev/video0", expected: nil, pixelFormats: PixelFormat.allCases, width: Self.width,
            height: Self.height, frameInterval: .milliseconds(33),
            allowsConversion: reader.integer(UInt8.self) & 1 != 0)
        let kernel = HostileKernel(reader)
        do throws(CameraFault) {
            let camera = V4L2Camera(profile: profile, time: HastyTime(), kernel: kernel)
            let stream = try camera.startStreaming()
            defer { stream.stop() }
            while true { try takeFrame(from: stream) }
        } catch {
            precondition(!error.problem.isEmpty && !error.remedy.isEmpty, "a fault says what is wrong")
        }
    }

    private func takeFrame(from stream: any CameraStream) throws(CameraFault) {
        guard let frame = try stream.nextFrame(from: pool, within: .seconds(1)) else { return }
        precondition(frame.format.width == Self.width && frame.format.height == Self.height, "a frame is as wanted")
        do throws(ImagingFault) {
            try frame.withBytes { bytes throws(ImagingFault) in
                try picture.loadWhole(bytes, frame.format, minimumWidth: Self.width)
            }
        } catch {
            precondition(frame.format.pixelFormat == .motionJPEG, "a raw frame can be read")
        }
        lookAt(picture)
    }
}

/// A clock that runs on by itself whenever it is read.
private final class HastyTime: TimeSource, @unchecked Sendable {
    private var current = Timestamp(nanoseconds: 0)

    func now() -> Timestamp {
        current = current + .milliseconds(100)
        return current
    }

    func wait(until deadline: Timestamp) {}
}
