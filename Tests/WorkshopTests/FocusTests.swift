import Biometrics
import Faces
import Foundation
import Frames
import Imaging
import Interface
import Platform
import Ports
import Rendering
import Simulator
import Support
import Testing

@testable import Workshop

/// Where the doctor draws the line between a lens in focus and one that is not.
@Suite(.needsPack) struct FocusTests {
    private static let (width, height) = (640, 360)

    /// The luma of the newest of some frames, when the exposure has settled.
    private func picture(seed: UInt64) throws -> [Float] {
        var setup = CounterSetup(.still, seed: seed)
        (setup.width, setup.height) = (Self.width, Self.height)
        let counter = SimulatedCounter(
            setup, portrait: try Portrait.astronaut(pack: TestPack.folder), time: ManualTime())
        let stream = try counter.camera.startStreaming()
        let pool = FramePool(capacity: 1, bytesPerFrame: counter.camera.maximumFrameByteCount)
        var picture = FramePicture()
        for _ in 0..<20 {
            guard let frame = try stream.nextFrame(from: pool, within: .seconds(1)) else { continue }
            let format = frame.format
            try frame.withBytes { bytes throws(ImagingFault) in
                try picture.loadWhole(bytes, format, minimumWidth: format.width)
            }
        }
        var luma = [Float](repeating: 0, count: Self.width * Self.height)
        var span = luma.mutableSpan
        let map = ProjectiveMap(AffineMap(a: 1, b: 0, tx: 0, c: 0, d: 1, ty: 0))
        picture.sampleLuma(map, width: Self.width, height: Self.height, into: &span)
        return luma
    }

    private func face(in luma: [Float], _ pack: ModelPack) throws -> FaceQuality {
        let bytes = luma.map { UInt8(min(max($0.rounded(), 0), 255)) }
        let format = FrameFormat(.grey, width: Self.width, height: Self.height, stride: Self.width)
        var analyser = try FaceAnalyser(pack: pack)
        let seen = unsafe try analyser.observe(
            bytes.span.bytes, format, timestamp: .now(), sequence: 0, eyes: .none)
        return try #require(seen.face).quality
    }

    /// Blurs as a lens does that is out of focus, with a deviation in pixels.
    private func blurred(_ luma: [Float], by deviation: Double) -> [Float] {
        let reach = Int(deviation * 3) + 1
        let bell = (-reach...reach).map { Float(exp(-Double($0 * $0) / (2 * deviation * deviation))) }
        let taps = bell.map { $0 / bell.reduce(0, +) }
        func pass(_ from: [Float], count: Int, step: Int, lines: Int, stride: Int) -> [Float] {
            var to = from
            for line in 0..<lines {
                for index in 0..<count {
                    to[line * stride + index * step] = (-reach...reach).reduce(0) { sum, tap in
                        sum + taps[tap + reach] * from[line * stride + min(max(index + tap, 0), count - 1) * step]
                    }
                }
            }
            return to
        }
        let rows = pass(luma, count: Self.width, step: 1, lines: Self.height, stride: Self.width)
        return pass(rows, count: Self.height, step: Self.width, lines: Self.width, stride: 1)
    }

    @Test(arguments: [0, 1] as [UInt64])
    func `a lens in focus passes, and one that blurs the face does not`(seed: UInt64) throws {
        let pack = try ModelPack(folder: TestPack.folder)
        let luma = try picture(seed: seed)
        let sharp = try face(in: luma, pack)
        #expect(Checks.focus(sharp.sharpness).result == .pass)
        // Of the distance between the eyes.
        for (share, result) in [(0.01, .pass), (0.026, .warning), (0.04, .fail)] as [(Double, Technician.CheckResult)] {
            let sharpness = try face(in: blurred(luma, by: share * sharp.interEyeDistance), pack).sharpness
            #expect(Checks.focus(sharpness).result == result, "blurred by \(share): \(sharpness)")
        }
    }
}
