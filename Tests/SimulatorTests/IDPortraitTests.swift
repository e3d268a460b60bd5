import Frames
import Imaging
import Platform
import Rendering
import Simulator
import Support
import Testing

@Suite struct IDPortraitTests {
    private func bytes(_ file: borrowing SecureBytes) -> [UInt8] {
        file.withBytes { bytes in
            (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    @Test(arguments: 0...7 as ClosedRange<UInt64>)
    func `an ID portrait is a JPEG of a size that chips hold`(seed: UInt64) throws {
        let file = IDPortrait.jpeg(of: .original, in: .drawn, seed: seed)
        var picture = FramePicture()
        try file.withBytes { bytes throws(ImagingFault) in
            try picture.loadWhole(
                bytes, FrameFormat(.motionJPEG, width: 0, height: 0, stride: 0), minimumWidth: 640)
        }
        let (width, height) = (picture.width, picture.height)
        #expect((102...480).contains(width) && (126...640).contains(height))
        #expect((1.2...1.36).contains(Double(height) / Double(width)))
    }

    @Test func `equal arguments give equal files, others do not`() {
        func portrait(_ number: Int, _ seed: UInt64) -> [UInt8] {
            bytes(IDPortrait.jpeg(of: Person(number: number), in: .drawn, seed: seed))
        }
        #expect(portrait(0, 5) == portrait(0, 5))
        #expect(portrait(0, 5) != portrait(0, 6))
        #expect(portrait(0, 5) != portrait(1, 5))
    }
}
