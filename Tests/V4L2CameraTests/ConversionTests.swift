import Frames
import Glibc
import Ports
import Testing
import V4L2Camera

/// Pure red of 8×4 pixels in each format that is converted.
private let reds: [(format: String, stride: UInt32, content: [UInt8])] = [
    ("UYVY", 16, repeated([90, 82, 240, 82], 16)),
    ("YVYU", 16, repeated([82, 240, 82, 90], 16)),
    ("YU12", 8, repeated([82], 32) + repeated([90], 8) + repeated([240], 8)),
    ("YV12", 8, repeated([82], 32) + repeated([240], 8) + repeated([90], 8)),
    ("RGB3", 24, repeated([255, 0, 0], 32)),
    ("BGR3", 24, repeated([0, 0, 255], 32)),
    ("BA81", 8, repeated(repeated([0], 8) + repeated([0, 255], 4), 2)),
    ("GBRG", 8, repeated(repeated([0], 8) + repeated([255, 0], 4), 2)),
    ("GRBG", 8, repeated(repeated([0, 255], 4) + repeated([0], 8), 2)),
    ("RGGB", 8, repeated(repeated([255, 0], 4) + repeated([0], 8), 2)),
]

private func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] { (0..<count).flatMap { _ in bytes } }

@Suite struct ConversionTests {
    private let pool = FramePool(capacity: 1, bytesPerFrame: 48)

    private func start(_ kernel: PlayedKernel) throws(CameraFault) -> any CameraStream {
        try V4L2Camera(profile: profile([], allowsConversion: true), time: kernel.time, kernel: kernel).startStreaming()
    }

    @Test(arguments: reds) func `red arrives as red in NV12`(format: String, stride: UInt32, content: [UInt8]) throws {
        let kernel = PlayedKernel(offering: [offer(format, stride: stride)])
        kernel.content = content
        kernel.steps = [.frame(buffer(byteCount: UInt32(content.count)))]
        let frame = try #require(try start(kernel).seeFrame(from: pool))
        #expect(frame.format == FrameFormat(.nv12, width: 8, height: 4, stride: 8))
        // BT.601 red in studio range: Y 82, U 90, V 240; libv4l also has a full-range variant.
        #expect(frame.bytes[..<32].allSatisfy { (70...90).contains($0) }, "\(frame.bytes)")
        for pixel in Swift.stride(from: 32, to: 48, by: 2) {
            #expect((80...100).contains(frame.bytes[pixel]), "\(frame.bytes)")
            #expect((230...255).contains(frame.bytes[pixel + 1]), "\(frame.bytes)")
        }
    }

    @Test(arguments: reds) func `a frame too short to convert is dropped`(
        format: String, stride: UInt32, content: [UInt8]
    ) throws {
        let kernel = PlayedKernel(offering: [offer(format, stride: stride)])
        kernel.content = content
        kernel.steps = [.frame(buffer(byteCount: UInt32(content.count - 1)))]
        #expect(try start(kernel).seeFrame(from: pool) == nil)
    }

    @Test func `padded rows and unsafe formats are not converted`() {
        for offered in [
            offer("UYVY", stride: 24), offer("BG10", stride: 16), offer("RGBP", stride: 16), offer("S910", stride: 0),
        ] {
            let kernel = PlayedKernel(offering: [offered])
            let fault = fault { () throws(CameraFault) in _ = try start(kernel) }
            guard case .formatRefused = fault else {
                Issue.record("\(offered.fourCC) gave \(String(describing: fault))")
                continue
            }
        }
    }
}
