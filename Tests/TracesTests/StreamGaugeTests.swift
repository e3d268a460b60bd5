import Biometrics
import Cues
import Frames
import Imaging
import Platform
import Support
import Testing
import Traces

/// A stream of grey frames of 640×480 that are made of noise, or of an earlier frame.
private struct NoisyStream: ~Copyable {
    private static let format = FrameFormat(.grey, width: 640, height: 480, stride: 640)
    private var pixels = [UInt8](repeating: 0, count: 640 * 480)
    private var picture = FramePicture()
    private var gauge = StreamGauge()
    private var sequence: UInt32 = 0
    /// What is loaded of the frames.
    var box = Box(x: 160, y: 80, width: 320, height: 320)

    /// Draws a frame: `seed` decides its noise within the columns from `left` on, which is around `level`.
    mutating func draw(seed: UInt64, from left: Int = 0, level: Int = 120) {
        var generator = SeededGenerator(seed: seed)
        for row in 0..<480 {
            for column in left..<640 { pixels[row * 640 + column] = UInt8(level - 8 + Int(generator.next() % 16)) }
        }
    }

    mutating func brighten(by levels: Int) {
        for place in pixels.indices { pixels[place] = UInt8(Int(pixels[place]) + levels) }
    }

    mutating func observe(minimumSide: Int = 320) throws -> StreamReading? {
        sequence += 1
        let (frame, box) = (pixels, box)
        try unsafe picture.loadRegion(frame.span.bytes, Self.format, box: box, minimumSide: minimumSide)
        return gauge.observe(picture, sequence: sequence, at: Timestamp(nanoseconds: Int64(sequence) * 33_000_000))
    }
}

extension NoisyStream {
    fileprivate func allocationsOfOneFrame() throws -> Int {
        var picture = FramePicture()
        var gauge = StreamGauge()
        try unsafe picture.loadRegion(pixels.span.bytes, Self.format, box: box, minimumSide: 320)
        // What Swift makes once for each type comes before; the first frame has nothing to be compared with.
        for sequence in 0..<2 as Range<UInt32> {
            _ = gauge.observe(picture, sequence: sequence, at: Timestamp(nanoseconds: Int64(sequence) * 33_000_000))
        }
        return allocations {
            _ = gauge.observe(picture, sequence: 2, at: Timestamp(nanoseconds: 66_000_000))
        }
    }
}

@Suite struct StreamGaugeTests {
    @Test(arguments: [320, 160])
    func `equal blocks are counted, at full size and at half`(minimumSide: Int) throws {
        var stream = NoisyStream()
        stream.draw(seed: 1)
        let first = try stream.observe(minimumSide: minimumSide)
        #expect(first == nil)
        let same = try #require(try stream.observe(minimumSide: minimumSide))
        #expect(same.equalShare == 1 && same.change == .zero)
        stream.draw(seed: 2)
        let other = try #require(try stream.observe(minimumSide: minimumSide))
        #expect(other.equalShare == 0 && other.change.min() > 0)
        stream.draw(seed: 3, from: 320)
        let half = try #require(try stream.observe(minimumSide: minimumSide))
        #expect((0.4...0.6).contains(half.equalShare), "\(half)")
    }

    @Test func `one grey level in every pixel is a change of brightness and of nothing else`() throws {
        var stream = NoisyStream()
        stream.draw(seed: 1)
        _ = try stream.observe()
        stream.brighten(by: 1)
        let reading = try #require(try stream.observe())
        #expect(reading.equalShare == 0)
        #expect(reading.brightening == 1 && reading.change == .zero, "\(reading)")
    }

    @Test func `dark, bright and even blocks do not count`() throws {
        for level in [16, 236] {
            var stream = NoisyStream()
            stream.draw(seed: 1, level: level)
            _ = try stream.observe()
            let reading = try stream.observe()
            #expect(reading == nil, "\(level)")
        }
        var even = NoisyStream()
        even.brighten(by: 120)
        _ = try even.observe()
        let reading = try even.observe()
        #expect(reading == nil)
    }

    @Test func `another scale is no comparison`() throws {
        var stream = NoisyStream()
        stream.draw(seed: 1)
        _ = try stream.observe()
        let half = try stream.observe(minimumSide: 160)
        #expect(half == nil)
        let eighth = try stream.observe(minimumSide: 40)
        #expect(eighth == nil)
    }

    @Test func `a loop is known again, where a part of it is loaded and something else beside it`() throws {
        var stream = NoisyStream()
        var repeats: [Bool] = []
        for frame in 0..<70 {
            stream.draw(seed: UInt64(frame % 40))
            if frame == 40 {
                stream.box.x += 16
                stream.box.height -= 16
            }
            let reading = try stream.observe()
            if let reading { repeats.append(reading.isRepeated) }
        }
        #expect(repeats.prefix(39).allSatisfy { !$0 })
        // A column and a row of blocks are new, another column is gone: six of seven blocks are common.
        #expect(repeats.dropFirst(39).count { $0 } > 20, "\(repeats)")
    }

    @Test func `a frame that a driver gives twice is no repetition`() throws {
        var stream = NoisyStream()
        for frame in 0..<30 {
            stream.draw(seed: UInt64(frame / 2))
            let reading = try stream.observe()
            #expect(reading?.isRepeated != true, "\(frame)")
        }
    }

    @Test func `a third in common is no repetition`() throws {
        var stream = NoisyStream()
        var count = 0
        for frame in 0..<70 {
            stream.draw(seed: UInt64(frame), from: 224)
            if let reading = try stream.observe(), reading.isRepeated { count += 1 }
        }
        #expect(count < 5, "\(count)")
    }

    @Test func `measuring allocates nothing, and parts at every border do no harm`() throws {
        var stream = NoisyStream()
        stream.draw(seed: 1)
        let count = try stream.allocationsOfOneFrame()
        #expect(count == 0)
        for (x, y, side) in [(-50.0, -50.0, 200.0), (600, 440, 300), (0, 0, 1), (639, 479, 1), (5, 3, 631)] {
            stream.box = Box(x: x, y: y, width: side, height: side)
            _ = try stream.observe(minimumSide: Int(side))
            _ = try stream.observe(minimumSide: Int(side))
        }
    }
}
