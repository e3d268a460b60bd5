import Frames
import Platform
import Ports
import V4L2Camera

/// A profile of 8×4 pixels.
func profile(
    _ pixelFormats: [PixelFormat], expected: CameraIdentity? = nil, controls: [CameraControl] = [],
    allowsConversion: Bool = false
) -> V4L2CameraProfile {
    V4L2CameraProfile(
        path: "/dev/v4l/by-path/counter", expected: expected, pixelFormats: pixelFormats, width: 8, height: 4,
        frameInterval: .milliseconds(33), controls: controls, allowsConversion: allowsConversion)
}

func fourCC(_ text: String) -> UInt32 { text.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) } }

/// A format of 8×4 pixels as a driver offers it.
func offer(_ name: String, width: UInt32 = 8, height: UInt32 = 4, stride: UInt32) -> VideoFormat {
    VideoFormat(fourCC: fourCC(name), width: width, height: height, stride: stride)
}

func buffer(
    _ index: UInt32 = 0, byteCount: UInt32, sequence: UInt32 = 0, nanoseconds: Int64? = 5, isBroken: Bool = false
) -> FinishedBuffer {
    FinishedBuffer(
        index: index, byteCount: byteCount, sequence: sequence,
        timestamp: nanoseconds.map { Timestamp(nanoseconds: $0) }, isBroken: isBroken)
}

/// Runs `body` for the fault that it throws.
func fault(_ body: () throws(CameraFault) -> Void) -> CameraFault? {
    do { try body() } catch { return error }
    return nil
}

/// A copy of a frame that can be compared.
struct SeenFrame: Equatable {
    var format: FrameFormat
    var sequence: UInt32
    var timestamp: Timestamp
    var bytes: [UInt8]

    init(_ frame: borrowing FrameLease) {
        self.format = frame.format
        self.sequence = frame.sequence
        self.timestamp = frame.timestamp
        self.bytes = frame.withBytes { bytes in
            (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }
}

extension CameraStream {
    func seeFrame(from pool: FramePool, within timeout: Duration = .seconds(1)) throws(CameraFault) -> SeenFrame? {
        if let frame = try nextFrame(from: pool, within: timeout) { return SeenFrame(frame) }
        return nil
    }
}
