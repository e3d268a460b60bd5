package import Cues
package import Imaging
package import Platform

/// Compares what is loaded of successive frames, as blocks of 16×16 pixels of the frame.
///
/// No picture is kept: of each block a hash, its mean and its slope; of each frame of the last seconds, 16 numbers drawn
/// from its hashes (Broder's min-wise sampling, 1997), so that a part that is loaded a little differently still tells.
/// All memory is secure and made once; measuring allocates nothing. Thread-bound.
package struct StreamGauge: ~Copyable {
    private static let side = 16
    /// Of a frame of up to 1920×1088 pixels; blocks beyond do not count.
    private static let columns = 120
    private static let rows = 68
    /// Frames whose samples are kept, and how many of the newest a repetition may not be among.
    private static let memory = 256
    private static let nearby = 15
    /// A face of less has too little to compare.
    private static let leastBlocks: Int32 = 24
    /// Of 16 numbers; frames with a third of their blocks in common have so many once in 1500.
    private static let sameNumbers = 12

    /// What is kept of one block.
    struct Print {
        var hash: UInt32 = 0
        /// Number of the frame that it was seen in.
        var frame: UInt32 = 0
        /// Sixteenths of a grey level.
        var mean: Int32 = 0
        var across: Int32 = 0
        var down: Int32 = 0
    }

    /// What is counted over the blocks of one frame.
    private struct Tally {
        var blocks: Int32 = 0
        var equal: Int32 = 0
        var samples = SIMD16<UInt32>(repeating: .max)
    }

    private var prints = SecureArray<Print>(count: columns * rows)
    private var samples = SecureArray<SIMD16<UInt32>>(count: memory)
    /// Blocks by the change of their mean, -64...63 sixteenths, and by how much their slope changed.
    private var means = SecureArray<Int32>(count: 128)
    private var slopes = SecureArray<Int32>(count: 128)
    /// Of the frames read so far; prints of frame 0 were never taken.
    private var frame: UInt32 = 1
    private var sampleCount = 0
    private var denominator = 0

    package init() {}

    /// Compares what is loaded with the frame before; `nil` for the first, after a change of scale, and when too little
    /// is loaded.
    package mutating func observe(
        _ picture: borrowing FramePicture, sequence: UInt32, at time: Timestamp
    ) -> StreamReading? {
        frame &+= 1
        let tally = picture.withPixels { pixels, part in
            if part.denominator != denominator { frame &+= 1 }
            denominator = part.denominator
            for shelf in 0..<means.count { (means[shelf], slopes[shelf]) = (0, 0) }
            return unsafe pixels.withUnsafeBytes { pixels in
                unsafe pixels.baseAddress.map { unsafe count(part, from: $0) } ?? Tally()
            }
        }
        guard tally.blocks >= Self.leastBlocks else { return nil }
        let isRepeated = isKnown(tally.samples)
        samples[sampleCount % Self.memory] = tally.samples
        sampleCount += 1
        let brightening = Self.median(of: means, count: tally.blocks)
        return StreamReading(
            sequence: sequence, timestamp: time, equalShare: Double(tally.equal) / Double(tally.blocks),
            isRepeated: isRepeated, brightening: Double(brightening) / 16,
            change: SIMD2(
                Double(Self.quartile(of: means, around: brightening, count: tally.blocks)) / 16,
                Double(Self.quartile(of: slopes, around: 0, count: tally.blocks)) / 16))
    }

    private func isKnown(_ sample: SIMD16<UInt32>) -> Bool {
        for age in Self.nearby..<max(min(sampleCount, Self.memory), Self.nearby) {
            let earlier = samples[(sampleCount - age - 1) % Self.memory]
            let same = SIMD16<UInt32>(repeating: 0).replacing(with: 1, where: sample .== earlier).wrappedSum()
            if same >= Self.sameNumbers { return true }
        }
        return false
    }

    // MARK: Blocks

    /// Takes the prints of all whole blocks but those at the border, whose chroma depends on what is not loaded.
    @unsafe private mutating func count(_ part: LoadedPart, from start: UnsafeRawPointer) -> Tally {
        var tally = Tally()
        let edge = Self.side / part.denominator
        guard edge >= 4 else { return tally }
        func range(_ first: Int, _ length: Int, _ limit: Int) -> Range<Int> {
            let (from, to) = ((first + edge - 1) / edge + 1, min((first + length) / edge - 1, limit))
            return from..<max(from, to)
        }
        for row in range(part.y, part.height, Self.rows) {
            for column in range(part.x, part.width, Self.columns) {
                let corner = ((row * edge - part.y + 1) * part.width + column * edge - part.x + 1) * 4
                unsafe add(row * Self.columns + column, Block(start + corner, part.width * 4, edge - 2), to: &tally)
            }
        }
        return tally
    }

    private mutating func add(_ place: Int, _ block: Block, to tally: inout Tally) {
        let earlier = prints[place]
        prints[place] = Print(
            hash: block.hash, frame: frame, mean: block.mean, across: block.across, down: block.down)
        guard block.hasTexture else { return }
        // As many hashes as numbers are drawn, by odd factors of the golden ratio's kind.
        let mixed = (block.hash ^ UInt32(truncatingIfNeeded: place) &* 0x9E37_79B1) &* 0x85EB_CA6B
        let factors = SIMD16<UInt32>(
            0x9E37_79B1, 0x85EB_CA77, 0xC2B2_AE3D, 0x27D4_EB2F, 0x1656_67B1, 0x2C1B_3C6D, 0x297A_2D39, 0x85EB_CA6B,
            0xC2B2_AE35, 0xCC9E_2D51, 0x1B87_3593, 0xE654_6B65, 0x8DA6_B343, 0xD816_3841, 0xCB1A_B31F, 0x7FEB_352D)
        let numbers = (SIMD16(repeating: mixed ^ mixed &>> 15) &* factors)
        tally.samples = pointwiseMin(tally.samples, numbers ^ (numbers &>> 16))
        guard earlier.frame == frame &- 1 else { return }
        tally.blocks += 1
        if earlier.hash == block.hash { tally.equal += 1 }
        func shelf(_ value: Int32) -> Int { Int(min(max(value, -64), 63) + 64) }
        means[shelf(block.mean - earlier.mean)] += 1
        slopes[shelf(abs(block.across - earlier.across) + abs(block.down - earlier.down))] += 1
    }

    // MARK: Quantiles of counted changes, in sixteenths

    private static func median(of counts: borrowing SecureArray<Int32>, count: Int32) -> Int {
        var sum: Int32 = 0
        for shelf in 0..<128 {
            sum += counts[shelf]
            if 2 * sum >= count { return shelf - 64 }
        }
        return 0
    }

    /// The distance from `middle` within which a quarter of the changes lie.
    private static func quartile(of counts: borrowing SecureArray<Int32>, around middle: Int, count: Int32) -> Int {
        var sum = counts[middle + 64]
        var distance = 0
        while 4 * sum < count, distance < 127 {
            distance += 1
            let (below, above) = (middle + 64 - distance, middle + 64 + distance)
            if below >= 0 { sum += counts[below] }
            if above < 128 { sum += counts[above] }
        }
        return distance
    }
}

/// The inside of one block, read once.
private struct Block {
    let hash: UInt32
    /// Sixteenths of a grey level: the green mean, and how much the left and the upper half lie above it.
    let mean: Int32
    let across: Int32
    let down: Int32
    let hasTexture: Bool

    /// Reads `side`² pixels, of large blocks every second row; `stride` is in bytes.
    @unsafe init(_ start: UnsafeRawPointer, _ stride: Int, _ side: Int) {
        var (first, second) = (UInt64(0x9E37_79B9_7F4A_7C15), UInt64(0xC2B2_AE3D_27D4_EB4F))
        // Of the whole, the left and the upper part: sums, and pixels.
        var sums = SIMD4<Int32>()
        var counts = SIMD4<Int32>()
        var (low, high): (Int32, Int32) = (255, 0)
        for row in Swift.stride(from: 0, to: side, by: side > 8 ? 2 : 1) {
            let line = unsafe start + row * stride
            for column in Swift.stride(from: 0, to: side, by: 2) {
                let pair = unsafe line.loadUnaligned(fromByteOffset: column * 4, as: UInt64.self)
                (first, second) = (second, (first ^ pair) &* 0xD6E8_FEB8_6659_FD93)
                first ^= second &>> 29
                let (one, other) = (Int32(pair &>> 8 & 255), Int32(pair &>> 40 & 255))
                low = min(low, one, other)
                high = max(high, one, other)
                let parts = SIMD4<Int32>(1, 2 * column < side ? 1 : 0, 2 * row < side ? 1 : 0, 0)
                sums &+= parts &* (one &+ other)
                counts &+= parts
            }
        }
        let mixed = (first ^ second &>> 32) &* 0x9FB2_1C65_1E98_DF25
        hash = UInt32(truncatingIfNeeded: (mixed ^ second) &>> 32)
        let means = sums &* 8 / counts.replacing(with: 1, where: counts .== 0)
        mean = means.x
        across = means.y &- means.x
        down = means.z &- means.x
        // Darker and brighter ones may be clipped; fewer levels are a flat wall after compression.
        hasTexture = mean > 40 * 16 && mean < 215 * 16 && high - low >= 6
    }
}
