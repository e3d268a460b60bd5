import Platform

/// Bilinear sampling of loaded pixels, by maps in pixels of the whole frame.
@safe struct Sampler: ~Copyable {
    let pixels: UnsafeRawPointer
    let part: LoadedPart
    private let lastColumn: Int
    private let lastRow: Int

    /// `pixels` outlives the sampler and has at least one pixel, which stands for an empty part.
    @unsafe init(pixels: UnsafeRawBufferPointer, part: LoadedPart) {
        guard let start = pixels.baseAddress else { fatalError("a picture has memory") }
        precondition(max(part.width, 1) * max(part.height, 1) * 4 <= pixels.count, "the part exceeds its memory")
        unsafe self.pixels = start
        self.part = part
        self.lastColumn = max(part.width, 1) - 1
        self.lastRow = max(part.height, 1) - 1
    }

    /// One sample per output pixel's centre: factor · v + offset; beyond the loaded part its edge is repeated.
    func fill(
        _ output: inout MutableSpan<Float>, size: Int, by map: AffineMap, factor: Float, offset: SIMD3<Float>
    ) {
        precondition(size > 0 && output.count >= size * size * 3, "\(size)×\(size) RGB samples need more room")
        unsafe output.withUnsafeMutableBufferPointer { output in
            guard let start = output.baseAddress else { return }
            for row in 0..<size {
                let line = unsafe start + row * size * 3
                walk(along: row, of: map, count: size) { column, colours in
                    let red = colours.red * factor + offset.x
                    let green = colours.green * factor + offset.y
                    let blue = colours.blue * factor + offset.z
                    let place = unsafe line + column * 3
                    unsafe (place[0], place[1], place[2]) = (red.x, green.x, blue.x)
                    if size - column > 1 { unsafe (place[3], place[4], place[5]) = (red.y, green.y, blue.y) }
                    if size - column > 2 { unsafe (place[6], place[7], place[8]) = (red.z, green.z, blue.z) }
                    if size - column > 3 { unsafe (place[9], place[10], place[11]) = (red.w, green.w, blue.w) }
                }
            }
        }
    }

    /// Hands the samples of one output row to `body`, four at a time from left to right; the last may be too many.
    @inline(__always)
    func walk(along row: Int, of map: AffineMap, count: Int, _ body: (_ column: Int, Colours) -> Void) {
        let first = map.apply(0.5, Double(row) + 0.5)
        walk(count, from: SIMD2(first.x, first.y), step: SIMD2(map.a, map.c), body)
    }

    /// The same by a projective map, exact at every eighth place and straight between.
    @inline(__always)
    func walk(along row: Int, of map: ProjectiveMap, count: Int, _ body: (_ column: Int, Colours) -> Void) {
        let y = Double(row) + 0.5
        var place = map.apply(SIMD2(0.5, y))
        for column in stride(from: 0, to: count, by: 8) {
            let next = map.apply(SIMD2(Double(column) + 8.5, y))
            walk(min(count &- column, 8), from: place, step: (next - place) / 8) { body(column &+ $0, $1) }
            place = next
        }
    }

    @inline(__always)
    private func walk(
        _ count: Int, from first: SIMD2<Double>, step: SIMD2<Double>, _ body: (_ column: Int, Colours) -> Void
    ) {
        let scale = 1 / Double(part.denominator)
        // The sample at a pixel's centre is the pixel itself.
        let x = Self.fixed(first.x * scale - Double(part.x) - 0.5)
        let y = Self.fixed(first.y * scale - Double(part.y) - 0.5)
        let (stepX, stepY) = (Self.fixed(step.x * scale), Self.fixed(step.y * scale))
        let steps = (count &+ 3) / 4 &* 4 &- 1
        let (endX, endY) = (x &+ stepX &* steps, y &+ stepY &* steps)
        var walker = unsafe Walker(
            pixels: pixels, lastColumn: lastColumn, lastRow: lastRow,
            isInside: min(x, endX) >= 0 && max(x, endX) < lastColumn << 32 && min(y, endY) >= 0
                && max(y, endY) < lastRow << 32,
            stepX: stepX, stepY: stepY, x: x, y: y)
        for column in stride(from: 0, to: count, by: 4) {
            body(column, Colours(walker.next(), walker.next(), walker.next(), walker.next()))
        }
    }

    /// A wild map lands far outside, NaN at 0: a sample, not a trap.
    private static func fixed(_ value: Double) -> Int {
        let bound = 1_048_576.0
        return value.isNaN ? 0 : Int(min(max(value, -bound), bound) * 4_294_967_296)
    }
}

/// The four pixels around a place, and how far it is from the first of them: 0..<1 with 24 binary places.
private struct Corners {
    let topLeft: UInt32
    let topRight: UInt32
    let bottomLeft: UInt32
    let bottomRight: UInt32
    let shareX: Int32
    let shareY: Int32
}

/// Red, green and blue of four samples, 0...255.
struct Colours {
    let red: SIMD4<Float>
    let green: SIMD4<Float>
    let blue: SIMD4<Float>

    @inline(__always)
    fileprivate init(_ a: Corners, _ b: Corners, _ c: Corners, _ d: Corners) {
        let topLeft = SIMD4(a.topLeft, b.topLeft, c.topLeft, d.topLeft)
        let topRight = SIMD4(a.topRight, b.topRight, c.topRight, d.topRight)
        let bottomLeft = SIMD4(a.bottomLeft, b.bottomLeft, c.bottomLeft, d.bottomLeft)
        let bottomRight = SIMD4(a.bottomRight, b.bottomRight, c.bottomRight, d.bottomRight)
        let x = SIMD4<Float>(SIMD4(a.shareX, b.shareX, c.shareX, d.shareX)) * (1 / 16_777_216)
        let y = SIMD4<Float>(SIMD4(a.shareY, b.shareY, c.shareY, d.shareY)) * (1 / 16_777_216)
        @inline(__always) func blend(_ shift: UInt32) -> SIMD4<Float> {
            @inline(__always) func channel(_ pixels: SIMD4<UInt32>) -> SIMD4<Float> {
                SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: (pixels &>> shift) & 0xFF))
            }
            let (upperLeft, lowerLeft) = (channel(topLeft), channel(bottomLeft))
            let upper = upperLeft + (channel(topRight) - upperLeft) * x
            let lower = lowerLeft + (channel(bottomRight) - lowerLeft) * x
            return upper + (lower - upper) * y
        }
        red = blend(0)
        green = blend(8)
        blue = blend(16)
    }
}

/// Walks over the pixels in fixed point with 32 binary places: whole pixels come out exactly, nothing can overflow.
@safe private struct Walker {
    let pixels: UnsafeRawPointer
    let lastColumn: Int
    let lastRow: Int
    /// Whether every place of the walk has a pixel to its right and one below.
    let isInside: Bool
    let stepX: Int
    let stepY: Int
    var x: Int
    var y: Int

    @inline(__always)
    mutating func next() -> Corners {
        let corners = isInside ? read(x, y, right: x >> 32 &+ 1, bottom: y >> 32 &+ 1) : nearest
        x &+= stepX
        y &+= stepY
        return corners
    }

    /// The nearest pixels that are there.
    @inline(__always)
    private var nearest: Corners {
        let insideX = min(max(x, 0), lastColumn << 32)
        let insideY = min(max(y, 0), lastRow << 32)
        return read(
            insideX, insideY, right: min(insideX >> 32 &+ 1, lastColumn), bottom: min(insideY >> 32 &+ 1, lastRow))
    }

    @inline(__always)
    private func read(_ x: Int, _ y: Int, right: Int, bottom: Int) -> Corners {
        Corners(
            topLeft: pixel(x >> 32, y >> 32), topRight: pixel(right, y >> 32), bottomLeft: pixel(x >> 32, bottom),
            bottomRight: pixel(right, bottom), shareX: Self.share(x), shareY: Self.share(y))
    }

    @inline(__always)
    private func pixel(_ x: Int, _ y: Int) -> UInt32 {
        unsafe pixels.load(fromByteOffset: (y &* (lastColumn &+ 1) &+ x) &* 4, as: UInt32.self).littleEndian
    }

    @inline(__always)
    private static func share(_ value: Int) -> Int32 { Int32(truncatingIfNeeded: value >> 8) & 0xFF_FFFF }
}
