import Biometrics
import Faces
import Frames
import Imaging
import Platform
import Ports
import Rendering
import Session
import Simulator
import Trials

/// The frames of one simulated verification in memory, so that drawing them costs the measurements nothing.
struct BenchClip {
    struct Frame {
        let bytes: [UInt8]
        /// What the session wanted of this very frame.
        let schedule: AnalysisSchedule
        let yaw: Double?
    }

    static let frameInterval = Duration.nanoseconds(33_333_333)

    let seed: UInt64
    let format = FrameFormat(.motionJPEG, width: 1280, height: 720, stride: 0)
    private(set) var frames: [Frame] = []
    let portrait: SecureBytesBox

    /// Plays one verification with the analyser in its loop and keeps up to `count` frames, from the first that
    /// shows a face.
    init(seed: UInt64, count: Int, pack: ModelPack, portrait: Portrait) throws {
        let setup = CounterSetup(seed: seed)
        self.seed = seed
        self.portrait = SecureBytesBox(IDPortrait.jpeg(of: setup.person, in: portrait, seed: seed))
        var frames: [Frame] = []
        var run = try SimulatedVerification(setup, portrait: portrait, pack: pack)
        _ = run.play { frame, schedule, observation in
            guard frames.count < count, !frames.isEmpty || observation.face != nil else { return }
            let bytes = frame.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
            frames.append(Frame(bytes: bytes, schedule: schedule, yaw: observation.face?.pose.yaw))
        }
        self.frames = frames
        guard frames.count >= 60 else { throw LabFault(problem: "seed \(seed) gives \(frames.count) frames only") }
    }

    /// All frames as one Motion JPEG file.
    var motionJPEG: [UInt8] { Array(frames.map(\.bytes).joined()) }

    @discardableResult func observe(
        _ index: Int, with analyser: inout FaceAnalyser, _ eyes: EyeSchedule
    ) throws(ImagingFault) -> FrameObservation {
        let bytes = frames[index].bytes
        let time = Timestamp(nanoseconds: Int64(index) * Self.frameInterval.nanoseconds)
        return try unsafe analyser.observe(
            bytes.span.bytes, format, timestamp: time, sequence: UInt32(index), eyes: eyes)
    }

    /// The first frames in another pixel format, with the format.
    func converted(to pixelFormat: PixelFormat, count: Int) throws -> (frames: [[UInt8]], format: FrameFormat) {
        if pixelFormat == .motionJPEG { return (frames.prefix(count).map(\.bytes), format) }
        var picture = FramePicture(maximumPixels: format.width * format.height)
        let stride = pixelFormat == .yuyv ? format.width * 2 : format.width
        let target = FrameFormat(pixelFormat, width: format.width, height: format.height, stride: stride)
        var samples = [Float](repeating: 0, count: format.width * format.width * 3)
        var results: [[UInt8]] = []
        for frame in frames.prefix(count) {
            try unsafe picture.loadWhole(frame.bytes.span.bytes, format, minimumWidth: format.width)
            var output = samples.mutableSpan
            _ = picture.letterbox(size: format.width, low: 0, high: 255, into: &output)
            results.append(RawPicture(samples: samples, width: format.width, height: format.height).bytes(target))
        }
        return (results, target)
    }
}

/// Owns secure bytes where a copyable value is wanted.
final class SecureBytesBox {
    let bytes: SecureBytes
    init(_ bytes: consuming SecureBytes) { self.bytes = bytes }
}

/// RGB samples between bars above and below, as a square letterbox has them.
private struct RawPicture {
    let samples: [Float]
    let width: Int
    let height: Int

    /// ITU-R BT.601, full range, as JFIF has it.
    func bytes(_ format: FrameFormat) -> [UInt8] {
        var result: [UInt8] = []
        switch format.pixelFormat {
        case .motionJPEG: break
        case .grey: for row in 0..<height { for column in 0..<width { result.append(luma(column, row)) } }
        case .yuyv:
            for row in 0..<height {
                for column in stride(from: 0, to: width, by: 2) {
                    let (blue, red) = chroma(column, row)
                    result += [luma(column, row), blue, luma(column + 1, row), red]
                }
            }
        case .nv12:
            for row in 0..<height { for column in 0..<width { result.append(luma(column, row)) } }
            for row in stride(from: 0, to: height, by: 2) {
                for column in stride(from: 0, to: width, by: 2) {
                    let (blue, red) = chroma(column, row)
                    result += [blue, red]
                }
            }
        }
        return result
    }

    private func colour(_ column: Int, _ row: Int) -> SIMD3<Float> {
        let first = ((row + (width - height) / 2) * width + column) * 3
        return SIMD3(samples[first], samples[first + 1], samples[first + 2])
    }

    private func luma(_ column: Int, _ row: Int) -> UInt8 {
        byte((colour(column, row) * SIMD3(0.299, 0.587, 0.114)).sum())
    }

    private func chroma(_ column: Int, _ row: Int) -> (blue: UInt8, red: UInt8) {
        let colour = colour(column, row)
        return (
            byte((colour * SIMD3(-0.168736, -0.331264, 0.5)).sum() + 128),
            byte((colour * SIMD3(0.5, -0.418688, -0.081312)).sum() + 128)
        )
    }

    private func byte(_ value: Float) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
}
