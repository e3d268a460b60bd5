import Recording
import Support
import Testing

/// All pictures of `bytes`, fed in chunks of `chunkSize`, and whether the stream may end there.
private func split(
    _ bytes: [UInt8], chunkSize: Int
) throws(JPEGStreamFault) -> (pictures: [[UInt8]], sizes: [[Int]], mayEnd: Bool) {
    var splitter = JPEGStreamSplitter()
    var (pictures, sizes, current): ([[UInt8]], [[Int]], [UInt8]) = ([], [], [])
    var start = 0
    while start < bytes.count {
        let chunk = Array(bytes[start..<min(start + chunkSize, bytes.count)])
        let piece = unsafe try splitter.scan(chunk.span.bytes)
        if piece.startsPicture { current = [0xFF, 0xD8] }
        current += chunk[piece.content]
        if piece.endsPicture {
            pictures.append(current)
            sizes.append([splitter.width, splitter.height])
            current = []
        }
        start += piece.content.upperBound
    }
    return (pictures, sizes, splitter.isBetweenPictures)
}

@Suite struct JPEGStreamSplitterTests {
    @Test(arguments: [1, 2, 3, 5, 7, 16, 64, 4096]) func `chunking does not matter`(chunkSize: Int) throws {
        let pictures = [picture(mark: 1), picture(width: 1280, height: 720, mark: 2), picture(width: 1, height: 65535)]
        let padding: [[UInt8]] = [[0, 0, 0xFF], [], [0xFF, 0xFF], [0x0A]]
        let stream = padding[0] + zip(pictures, padding[1...]).flatMap { $0 + $1 }
        let found = try split(stream, chunkSize: chunkSize)
        #expect(found.pictures == pictures)
        #expect(found.sizes == [[640, 480], [1280, 720], [1, 65535]])
        #expect(found.mayEnd)
    }

    @Test(arguments: [
        (
            "another picture inside the image data", [0xFF, 0xD8] + segment(0xDA, []) + [1, 0xFF, 0xD8],
            JPEGStreamFault.cutOff
        ),
        ("another picture where a marker is due", [0xFF, 0xD8, 0xFF, 0xD8], .cutOff),
        ("a segment length of 1", [0xFF, 0xD8, 0xFF, 0xE0, 0, 1], .brokenSegment),
        ("a frame header without a size", [0xFF, 0xD8] + segment(0xC0, [8, 0, 1, 0, 1]), .brokenSegment),
        ("no marker after a segment", [0xFF, 0xD8] + segment(0xE0, [1]) + [0x41], .brokenSegment),
        ("a stuffed byte where a marker is due", [0xFF, 0xD8, 0xFF, 0x00], .brokenSegment),
        ("an end without a size", [0xFF, 0xD8, 0xFF, 0xD9], .sizeMissing),
        ("a width of 0", [0xFF, 0xD8] + segment(0xC0, [8, 0, 9, 0, 0, 1]) + [0xFF, 0xD9], .sizeMissing),
        ("too much padding", [UInt8](repeating: 0, count: 65_537), .noPicture),
        ("too much padding of FF", [UInt8](repeating: 0xFF, count: 65_537), .noPicture),
    ])
    func `a broken stream is refused`(what: String, bytes: [UInt8], expected: JPEGStreamFault) {
        for chunkSize in [1, 1000, 100_000] {
            #expect(throws: expected, "\(what)") { try split(bytes, chunkSize: chunkSize) }
        }
    }

    @Test func `padding up to its limit is passed over`() throws {
        let found = try split([UInt8](repeating: 0, count: 65_000) + picture(), chunkSize: 4096)
        #expect(found.pictures == [picture()])
    }

    @Test func `a stream that ends inside a picture says so`() throws {
        let whole = picture()
        for count in 2..<whole.count {
            let found = try split(Array(whole[..<count]), chunkSize: 8)
            #expect(found.pictures.isEmpty && !found.mayEnd, "\(count) bytes")
        }
    }

    @Test func `damage never stops the splitter from answering`() {
        var generator = SeededGenerator(seed: 42)
        let stream = picture() + picture(mark: 2) + picture(mark: 3)
        for _ in 0..<2000 {
            var damaged = stream
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: damaged.indices, using: &generator)] =
                    [0, 0xFF, 0xD8, 0xD9, 0x41].randomElement(
                        using: &generator) ?? 0
            }
            let results = [1, 13, 4096].map { size in Result { try split(damaged, chunkSize: size).pictures } }
            // Whatever the answer is, chunking does not change it.
            #expect(results.allSatisfy { (try? $0.get()) == (try? results[0].get()) })
        }
    }
}
