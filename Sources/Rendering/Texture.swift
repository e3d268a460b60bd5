import Platform

/// The portrait's colours for one person, enlarged, in the form that the rasteriser reads.
///
/// Each texel is Cb, opacity, Cr and luma from the highest byte to the lowest, so that one 32-bit multiplication
/// blends two components. Immutable once made; it owns its block and lends pointers only within this room.
@safe package final class Texture: @unchecked Sendable {
    /// Texels.
    let width: Int
    let height: Int
    /// Texels from one row to the next; no power of two, so that rows do not compete for the same cache lines.
    let stride: Int
    /// Texels per pixel of the portrait.
    let scale: Float
    @unsafe let texels: UnsafeMutablePointer<UInt32>

    /// A black, opaque texture.
    init(width: Int, height: Int, scale: Float = 1) {
        let stride = width + 24
        (self.width, self.height, self.stride, self.scale) = (width, height, stride, scale)
        unsafe self.texels = SecureMemory.allocate(height * stride * 4, holding: .simulation)
            .bindMemory(to: UInt32.self, capacity: height * stride)
        unsafe texels.update(repeating: Colour(rgb: SIMD3()).texel(opacity: 1), count: height * stride)
    }

    /// Makes the texture of a person; `cast` is the light's colour as factors on red, green and blue.
    package convenience init(of person: Person, in portrait: Portrait, scale: Int, cast: SIMD3<Float>) {
        let side = portrait.side * scale
        self.init(width: side, height: side, scale: Float(scale))
        let body = Mask(polygon: portrait.outline, side: portrait.side, softness: 2)
        let tone = person.tone.map { ToneMap($0, of: portrait, body: body) }
        let pixels = SharpPixels(portrait, scale: scale)
        for row in 0..<side {
            for column in 0..<side {
                let place = (SIMD2(Float(column), Float(row)) + 0.5) / Float(scale) - 0.5
                // What no edge of the body reaches is never seen.
                if body.isEmpty(around: place) {
                    unsafe texels[row * stride + column] &= 0xFF00_FFFF
                    continue
                }
                var colour = pixels.sample(row, column)
                if let tone { colour = tone.apply(to: colour, at: place) }
                // Only the inner half of the soft edge, so that no old background shines through.
                let opacity = (body.sample(at: place) * 2 - 1).clamped(to: 0...1)
                unsafe texels[row * stride + column] = Colour(rgb: colour * cast).texel(opacity: opacity)
            }
        }
    }

    deinit { unsafe SecureMemory.free(texels) }

    /// The least and the greatest opacity around a triangle, 0...255.
    func opacity(around corners: [SIMD2<Float>]) -> ClosedRange<UInt32> {
        var (least, greatest) = (UInt32(255), UInt32(0))
        let (xs, ys) = (corners.map(\.x), corners.map(\.y))
        func texel(_ value: Float?, _ margin: Float, below count: Int) -> Int {
            Int(((value ?? 0) * scale + margin).clamped(to: 0...Float(count - 1)))
        }
        for row in texel(ys.min(), -1, below: height)...texel(ys.max(), 2, below: height) {
            for column in texel(xs.min(), -1, below: width)...texel(xs.max(), 2, below: width) {
                let opacity = unsafe texels[row * stride + column] >> 16 & 255
                least = min(least, opacity)
                greatest = max(greatest, opacity)
            }
        }
        return least...max(least, greatest)
    }
}

/// A colour as JPEG codes it: luma 0...255, chroma around 128.
struct Colour {
    var luma: Float
    var cb: Float
    var cr: Float

    init(rgb: SIMD3<Float>) {
        let rgb = rgb.clamped(lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 255))
        self.luma = (rgb * SIMD3(0.299, 0.587, 0.114)).sum()
        self.cb = 128 + (rgb.z - luma) * 0.564
        self.cr = 128 + (rgb.x - luma) * 0.713
    }

    func texel(opacity: Float) -> UInt32 {
        func byte(_ value: Float) -> UInt32 { UInt32(value.rounded().clamped(to: 0...255)) }
        return byte(cb) << 24 | byte(opacity * 255) << 16 | byte(cr) << 8 | byte(luma)
    }
}

/// A soft-edged area of the portrait.
struct Mask {
    private let side: Int
    private var values: [Float]

    init(polygon: [SIMD2<Float>], side: Int, softness: Int) {
        self.side = side
        self.values = Array(repeating: 0, count: side * side)
        for row in 0..<side {
            for crossing in Self.crossings(of: polygon, atHeight: Float(row)) {
                // Even–odd rule: every crossing inverts all that is to its right.
                for column in min(max(Int(crossing.rounded(.up)), 0), side)..<side {
                    values[row * side + column] = 1 - values[row * side + column]
                }
            }
        }
        for _ in 0..<2 { blur(by: softness, along: 1, across: side) }
        for _ in 0..<2 { blur(by: softness, along: side, across: 1) }
    }

    /// Reads the nearest pixel's share, 0...1.
    func sample(at place: SIMD2<Float>) -> Float {
        let last = Float(side - 1)
        let (x, y) = (place.x.clamped(to: 0...last), place.y.clamped(to: 0...last))
        let (column, row) = (min(Int(x), side - 2), min(Int(y), side - 2))
        let (right, down) = (x - Float(column), y - Float(row))
        let at = row * side + column
        let upper = values[at] + (values[at + 1] - values[at]) * right
        let lower = values[at + side] + (values[at + side + 1] - values[at + side]) * right
        return upper + (lower - upper) * down
    }

    /// Whether the area does not reach within a pixel of a place.
    func isEmpty(around place: SIMD2<Float>) -> Bool {
        func range(_ value: Float) -> ClosedRange<Int> {
            min(max(Int(value) - 1, 0), side - 1)...min(max(Int(value) + 2, 0), side - 1)
        }
        for row in range(place.y) {
            for column in range(place.x) where values[row * side + column] > 0.5 { return false }
        }
        return true
    }

    private static func crossings(of polygon: [SIMD2<Float>], atHeight y: Float) -> [Float] {
        polygon.indices.compactMap { index in
            let (a, b) = (polygon[index], polygon[(index + 1) % polygon.count])
            if (a.y <= y) == (b.y <= y) { return nil }
            return a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y)
        }
    }

    private mutating func blur(by reach: Int, along step: Int, across stride: Int) {
        var line = Array(repeating: Float(0), count: side)
        for start in 0..<side {
            for index in 0..<side { line[index] = values[start * stride + index * step] }
            var sum = (-reach...reach).reduce(Float(0)) { $0 + line[min(max($1, 0), side - 1)] }
            for index in 0..<side {
                values[start * stride + index * step] = sum / Float(2 * reach + 1)
                sum += line[min(index + reach + 1, side - 1)] - line[max(index - reach, 0)]
            }
        }
    }
}

/// A portrait enlarged by Catmull and Rom's cubic, which keeps edges sharp.
private struct SharpPixels {
    private let scale: Int
    /// RGB with two pixels of repeated edge around.
    private let pixels: [SIMD4<Float>]
    private let line: Int
    /// The cubic's weights of each texel within a pixel, and the first of the four pixels that they are for.
    private let weights: [(first: Int, values: SIMD4<Float>)]

    init(_ portrait: Portrait, scale: Int) {
        let (side, line) = (portrait.side, portrait.side + 4)
        self.scale = scale
        self.line = line
        self.pixels = portrait.pixels.withBytes { bytes in
            (0..<line * line).map { index in
                func inside(_ place: Int) -> Int { min(max(place - 2, 0), side - 1) }
                let at = (inside(index / line) * side + inside(index % line)) * 3
                return SIMD4(Float(bytes.byte(at)), Float(bytes.byte(at + 1)), Float(bytes.byte(at + 2)), 0)
            }
        }
        self.weights = (0..<scale).map { texel in
            let place = (Float(texel) + 0.5) / Float(scale) - 0.5
            let floor = place.rounded(.down)
            return (Int(floor) + 1, cubic(place - floor))
        }
    }

    /// The colour of a texel.
    func sample(_ row: Int, _ column: Int) -> SIMD3<Float> {
        let (across, down) = (weights[column % scale], weights[row % scale])
        let start = (row / scale + down.first) * line + column / scale + across.first
        var sum = SIMD4<Float>()
        for y in 0..<4 {
            for x in 0..<4 { sum += pixels[start + y * line + x] * (across.values[x] * down.values[y]) }
        }
        return SIMD3(sum.x, sum.y, sum.z)
            .clamped(lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 255))
    }
}

extension RawSpan {
    fileprivate func byte(_ offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
}

private func cubic(_ t: Float) -> SIMD4<Float> {
    SIMD4(
        ((-t + 2) * t - 1) * t, (3 * t - 5) * t * t + 2, ((-3 * t + 4) * t + 1) * t, (t - 1) * t * t) / 2
}
