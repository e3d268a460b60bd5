import Biometrics
import Frames
import Imaging
import Platform
import Support
import Testing

@Suite struct JPEGKindTests {
    private func load(_ bytes: [UInt8]) throws(ImagingFault) -> FramePicture {
        var picture = FramePicture()
        try unsafe picture.loadWhole(bytes.span.bytes, motionJPEG, minimumWidth: 1000)
        return picture
    }

    @Test(
        arguments: [
            (0xC0, 8, 4, "a CMYK JPEG"), (0xC9, 8, 1, "an arithmetic-coded JPEG"),
            (0xC1, 12, 1, "a JPEG of other than 8 bits"),
            (0xC3, 8, 1, "a lossless or hierarchical JPEG"), (0xC0, 8, 2, "a JPEG of unknown colours"),
        ] as [(UInt8, UInt8, Int, String)])
    func `kinds that are not read are refused by name`(marker: UInt8, bits: UInt8, planes: Int, name: String) {
        let jpeg = GreyJPEG.header(marker: marker, bits: bits, planes: planes) + GreyJPEG.scan(0, 63, planes: planes)
        #expect(throws: ImagingFault.unsupported(format: name)) { _ = try load(jpeg) }
        #expect(throws: ImagingFault.unsupported(format: name)) { _ = try unsafe JPEGHeader(of: jpeg.span.bytes) }
    }

    @Test func `a header tells the size without the pixels`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 123, height: 45))
        let header = try unsafe JPEGHeader(of: Array(jpeg.prefix(700)).span.bytes)
        #expect(header.width == 123 && header.height == 45)
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]
        #expect(throws: ImagingFault.unsupported(format: "PNG")) { _ = try unsafe JPEGHeader(of: png.span.bytes) }
        #expect(throws: ImagingFault.self) { _ = try unsafe JPEGHeader(of: [UInt8]().span.bytes) }
    }

    @Test func `a progressive picture is read and leaves no memory behind`() async throws {
        let picture = try load(GreyJPEG.progressive(refinements: 1))
        let square = RotatedSquare(centreX: 8, centreY: 8, side: 16, angle: 0)
        #expect(picture.rgb(square, size: 4).allSatisfy { $0 == 128 })
        await #expect(processExitsWith: .success) {
            var picture = FramePicture()
            let before = SecureMemory.allocatedByteCount
            let jpeg = GreyJPEG.progressive(refinements: 1)
            try unsafe picture.loadWhole(jpeg.span.bytes, motionJPEG, minimumWidth: 16)
            try? unsafe picture.loadWhole(Array(jpeg.dropLast(9)).span.bytes, motionJPEG, minimumWidth: 16)
            precondition(SecureMemory.allocatedByteCount == before)
            // libjpeg must not reach for what lay there.
            let frame = try Pictures.jpeg(Pictures.gradient(width: 320, height: 240))
            let box = Box(x: 100, y: 100, width: 100, height: 100)
            try unsafe picture.loadRegion(frame.span.bytes, motionJPEG, box: box, minimumSide: 100)
        }
    }

    @Test func `a progressive picture without its last scans is refused`() {
        let jpeg = GreyJPEG.progressive(refinements: 1)
        let lastScan = GreyJPEG.scan(0, 0, high: 1, low: 0).count + 2
        #expect(throws: ImagingFault.corrupt(detail: "it ends before its last scan")) {
            _ = try load(Array(jpeg.dropLast(lastScan)))
        }
    }

    @Test func `a picture of too many scans is refused`() {
        #expect(throws: ImagingFault.unsupported(format: "a JPEG of more than 64 scans")) {
            _ = try load(GreyJPEG.progressive(refinements: 2))
        }
    }

    @Test func `a progressive picture too large for memory is refused`() {
        let jpeg = GreyJPEG.header(marker: 0xC2, width: 5000, height: 5000) + GreyJPEG.scan(0, 0)
        #expect(throws: ImagingFault.tooLarge(width: 5000, height: 5000)) { _ = try load(jpeg) }
    }

    @Test func `encoding a frame allocates nothing`() {
        let picture = Pictures.gradient(width: 640, height: 360)
        var encoder = JPEGEncoder(maximumWidth: 640)
        var output = SecureBytes(count: 500_000, holding: .frames)
        func encode() {
            _ = output.withMutableBytes { bytes in try? encoder.encode(picture, quality: 85, into: &bytes) }
        }
        encode()
        #expect(allocations(during: encode) == 0)
    }
}

/// Flat grey pictures of 16×16 pixels, written marker by marker.
enum GreyJPEG {
    static func header(
        marker: UInt8, bits: UInt8 = 8, planes: Int = 1, width: Int = 16, height: Int = 16
    ) -> [UInt8] {
        let quantisation: [UInt8] = [0xFF, 0xDB, 0, 67, 0] + Array(repeating: 1, count: 64)
        // Tables of one code: the differences and the run ends are all "0".
        let tables = [0, 0x10].flatMap { kind -> [UInt8] in
            [0xFF, 0xC4, 0, 20, kind, 1] + Array(repeating: 0, count: 15) + [0]
        }
        var frame: [UInt8] = [0xFF, marker, 0, UInt8(8 + 3 * planes), bits]
        frame += [UInt8(height >> 8), UInt8(height & 0xFF), UInt8(width >> 8), UInt8(width & 0xFF), UInt8(planes)]
        for plane in 1...planes { frame += [UInt8(plane), 0x11, 0] }
        return [0xFF, 0xD8] + quantisation + frame + tables
    }

    /// The coefficients from `first` to `last`, none of which differs from zero.
    static func scan(_ first: UInt8, _ last: UInt8, high: UInt8 = 0, low: UInt8 = 0, planes: Int = 1) -> [UInt8] {
        var scan: [UInt8] = [0xFF, 0xDA, 0, UInt8(6 + 2 * planes), UInt8(planes)]
        for plane in 1...planes { scan += [UInt8(plane), 0] }
        // Four blocks of one bit, filled up with ones.
        return scan + [first, last, high << 4 | low, 0x0F]
    }

    /// 63 scans for the first 63 coefficients, then `refinements` more for the first of them.
    static func progressive(refinements: UInt8) -> [UInt8] {
        var jpeg = header(marker: 0xC2) + scan(0, 0, low: refinements)
        for coefficient: UInt8 in 1...62 { jpeg += scan(coefficient, coefficient) }
        for bit in (0..<refinements).reversed() { jpeg += scan(0, 0, high: bit + 1, low: bit) }
        return jpeg + [0xFF, 0xD9]
    }
}
