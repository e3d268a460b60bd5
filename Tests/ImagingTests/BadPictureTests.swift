import Biometrics
import Frames
import Imaging
import Platform
import Support
import Testing

@Suite struct BadPictureTests {
    private func load(_ bytes: [UInt8], _ format: FrameFormat = motionJPEG) throws(ImagingFault) {
        var picture = FramePicture()
        try unsafe picture.loadWhole(bytes.span.bytes, format, minimumWidth: 1000)
    }

    @Test func `a picture that ends too early is refused at every length`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 96, height: 64))
        // Without the end marker alone the picture is still whole.
        for count in 0..<jpeg.count - 2 {
            #expect(throws: ImagingFault.self, "\(count) bytes") { try load(Array(jpeg.prefix(count))) }
        }
        try load(jpeg + [0, 0, 0])
    }

    @Test func `a flipped byte never does worse than fail`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 48, height: 32), quality: 60)
        for index in jpeg.indices {
            for mask: UInt8 in [0x01, 0x80, 0xFF] {
                var broken = jpeg
                broken[index] ^= mask
                _ = try? load(broken)
            }
        }
        try load(jpeg)
    }

    @Test func `a frame without Huffman tables decodes to the same pixels`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 96, height: 64))
        let stripped = withoutHuffmanTables(jpeg)
        #expect(stripped.count < jpeg.count - 300)
        let square = RotatedSquare(centreX: 48, centreY: 32, side: 64, angle: 0)
        var pictures: [[Float]] = []
        for bytes in [jpeg, stripped] {
            var picture = FramePicture()
            try unsafe picture.loadWhole(bytes.span.bytes, motionJPEG, minimumWidth: 320)
            pictures.append(picture.rgb(square, size: 64))
        }
        #expect(pictures[0] == pictures[1])
    }

    @Test func `a frame without tables does not inherit those of its predecessor`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 96, height: 64))
        var other = jpeg
        // Two symbols of the first table: differences of 2 and 3 bits change places.
        let table = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC4 })
        other.swapAt(table + 23, table + 24)
        var picture = FramePicture()
        let square = RotatedSquare(centreX: 48, centreY: 32, side: 64, angle: 0)
        try unsafe picture.loadWhole(jpeg.span.bytes, motionJPEG, minimumWidth: 320)
        let expected = picture.rgb(square, size: 64)
        try? unsafe picture.loadWhole(other.span.bytes, motionJPEG, minimumWidth: 320)
        #expect(picture.rgb(square, size: 64) != expected)
        try unsafe picture.loadWhole(withoutHuffmanTables(jpeg).span.bytes, motionJPEG, minimumWidth: 320)
        #expect(picture.rgb(square, size: 64) == expected)
    }

    private func withoutHuffmanTables(_ jpeg: [UInt8]) -> [UInt8] {
        var (output, at) = (Array(jpeg[..<2]), 2)
        while jpeg[at + 1] != 0xDA {
            let size = Int(jpeg[at + 2]) << 8 | Int(jpeg[at + 3])
            if jpeg[at + 1] != 0xC4 { output += jpeg[at..<at + 2 + size] }
            at += 2 + size
        }
        return output + jpeg[at...]
    }

    /// In a process of its own, since all tests of a process share the count.
    @Test func `a frame of another size than its format states is refused, before it takes memory`() async {
        await #expect(processExitsWith: .success) {
            var picture = FramePicture()
            let format = FrameFormat(.motionJPEG, width: 96, height: 64, stride: 0)
            var jpeg = try Pictures.jpeg(Pictures.gradient(width: 96, height: 64))
            try unsafe picture.loadWhole(jpeg.span.bytes, format, minimumWidth: 16)
            let before = SecureMemory.allocatedByteCount
            let header = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
            // 65,500 × 1 pixels.
            jpeg.replaceSubrange(header + 5..<header + 9, with: [0, 1, 0xFF, 0xDC])
            let expected = ImagingFault.corrupt(detail: "it has 65500×1 pixels instead of 96×64")
            #expect(throws: expected) { try unsafe picture.loadWhole(jpeg.span.bytes, format, minimumWidth: 16) }
            precondition(SecureMemory.allocatedByteCount == before)
        }
    }

    @Test func `a picture beyond the decoder's memory is too large`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 800, height: 768))
        #expect(throws: ImagingFault.tooLarge(width: 800, height: 768)) { try load(jpeg) }
        for (pixelFormat, stride) in [(PixelFormat.grey, 800), (.yuyv, 1600), (.nv12, 800)] {
            let format = FrameFormat(pixelFormat, width: 800, height: 768, stride: stride)
            let frame = Pictures.raw(format, luma: 0, blue: 0, red: 0)
            #expect(throws: ImagingFault.tooLarge(width: 800, height: 768)) { try load(frame, format) }
        }
        var huge = try Pictures.jpeg(Pictures.gradient(width: 48, height: 32))
        let frameHeader = try #require(huge.indices.dropLast().first { huge[$0] == 0xFF && huge[$0 + 1] == 0xC0 })
        for offset in 5..<9 { huge[frameHeader + offset] = 0xFF }
        #expect(throws: ImagingFault.tooLarge(width: 65_535, height: 65_535)) { try load(huge) }
    }

    @Test(arguments: [
        (FrameFormat(.yuyv, width: 32, height: 32, stride: 64), 2047),
        (FrameFormat(.nv12, width: 32, height: 32, stride: 32), 1535),
        (FrameFormat(.grey, width: 32, height: 32, stride: 31), 10_000),
        (FrameFormat(.grey, width: 0, height: 32, stride: 31), 10_000),
        (FrameFormat(.grey, width: 1 << 40, height: 1 << 40, stride: 1 << 40), 10_000),
    ]) func `lying sizes and strides of raw frames are refused`(format: FrameFormat, count: Int) {
        #expect(throws: ImagingFault.self) { try load(Array(repeating: 0, count: count), format) }
    }

    @Test func `odd sizes work`() throws {
        for (width, height) in [(1, 1), (17, 9), (33, 31)] {
            try load(try Pictures.jpeg(Pictures.gradient(width: width, height: height)))
            let format = FrameFormat(.nv12, width: width, height: height, stride: (width + 1) / 2 * 2)
            try load(Pictures.raw(format, luma: 50, blue: 0, red: 255), format)
        }
    }

    @Test func `an output that is too small is a fault`() throws {
        let picture = Pictures.gradient(width: 64, height: 64)
        var encoder = JPEGEncoder(maximumWidth: 64)
        var output = SecureBytes(count: 700, holding: .frames)
        #expect(throws: ImagingFault.tooLarge(width: 64, height: 64)) {
            _ = try output.withMutableBytes { bytes throws(ImagingFault) in
                try encoder.encode(picture, quality: 90, into: &bytes)
            }
        }
    }

    @Test(
        arguments: [
            ([0xFF, 0xD8, 0xFF, 0xE0], PictureKind.jpeg), ([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20], .jpeg2000),
            ([0xFF, 0x4F, 0xFF, 0x51], .jpeg2000), ([0x89, 0x50, 0x4E, 0x47], .png), ([0x42, 0x4D], .bmp),
            ([0x25, 0x50, 0x44, 0x46], .pdf), ([1, 2, 3], nil), ([], nil),
        ] as [([UInt8], PictureKind?)]) func `other formats are known by name`(bytes: [UInt8], kind: PictureKind?)
    {
        let found = unsafe PictureKind(of: bytes.span.bytes)
        #expect(found == kind)
    }
}
