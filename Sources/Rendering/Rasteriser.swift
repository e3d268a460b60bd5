package import Imaging

/// Draws a textured figure, far triangles first, into a picture.
///
/// Thread-bound; drawing allocates nothing, which is why no loop here iterates over an array itself.
package final class Rasteriser {
    private let head: Head
    private let texture: Texture
    private let shown: [Triangle]
    private let isOpaque: [Bool]
    private var order: [Int]
    private var shelves: [Int]

    /// Number of depths that are told apart.
    private static let shelfCount = 512

    package init(head: Head, texture: Texture) {
        self.head = head
        self.texture = texture
        let corners = head.corners
        let opacities = head.triangles.map { triangle in
            texture.opacity(around: [triangle.a, triangle.b, triangle.c].map { SIMD2(corners[$0].u, corners[$0].v) })
        }
        let visible = head.triangles.indices.filter { opacities[$0].upperBound > 0 }
        self.shown = visible.map { head.triangles[$0] }
        self.isOpaque = visible.map { opacities[$0].lowerBound == 255 }
        self.order = Array(repeating: 0, count: shown.count)
        self.shelves = Array(repeating: 0, count: Self.shelfCount + 1)
    }

    /// Draws the head as it is posed now; `opacity` (0...256) below 256 lets what is there shine through.
    package func draw(into picture: inout PlanarPicture, opacity: Int32 = 256) {
        sortByDepth()
        picture.withCanvas { canvas in
            for position in order.indices {
                let index = order[position]
                let triangle = shown[index]
                let (a, b, c) = (head.corners[triangle.a], head.corners[triangle.b], head.corners[triangle.c])
                texture.fillLuma(
                    of: canvas, with: Slope(a, b, c, texture: texture, shrink: 1), opacity,
                    isOpaque: isOpaque[index] && opacity == 256)
                texture.fillChroma(of: canvas, with: Slope(a, b, c, texture: texture, shrink: 0.5), opacity)
            }
        }
    }

    /// Sorts by counting: each triangle goes to a shelf by its depth.
    private func sortByDepth() {
        var (near, far) = (Float.infinity, -Float.infinity)
        for index in head.depths.indices {
            (near, far) = (min(near, head.depths[index]), max(far, head.depths[index]))
        }
        let perShelf = Float(Self.shelfCount - 2) / max(far - near, 1e-3)
        for shelf in shelves.indices { shelves[shelf] = 0 }
        for index in shown.indices { shelves[shelf(of: shown[index], far, perShelf) + 1] += 1 }
        for shelf in 1...Self.shelfCount { shelves[shelf] += shelves[shelf - 1] }
        for index in shown.indices {
            let shelf = shelf(of: shown[index], far, perShelf)
            order[shelves[shelf]] = index
            shelves[shelf] += 1
        }
    }

    private func shelf(of triangle: Triangle, _ far: Float, _ perShelf: Float) -> Int {
        if triangle.isOnTop { return Self.shelfCount - 1 }
        let depth = (head.depths[triangle.a] + head.depths[triangle.b] + head.depths[triangle.c]) / 3
        return Int((far - depth) * perShelf)
    }
}

/// A triangle made ready for filling: its outline in the picture and how texture and brightness run across it.
struct Slope {
    /// Corners from top to bottom.
    private let top: SIMD2<Float>
    private let middle: SIMD2<Float>
    private let bottom: SIMD2<Float>
    private let atTop: SIMD3<Float>
    private let perColumn: SIMD3<Float>
    private let perRow: SIMD3<Float>
    private let isVisible: Bool
    /// What no pixel may exceed, however thin the triangle.
    private let least: SIMD3<Float>
    private let most: SIMD3<Float>

    /// The greatest gain, in 256ths.
    static let brightest: Float = 1500

    /// `shrink` is the plane's size against the luma plane's.
    init(_ a: Corner, _ b: Corner, _ c: Corner, texture: Texture, shrink: Float) {
        let (lastColumn, lastRow) = (Float(texture.width) - 1.01, Float(texture.height) - 1.01)
        func place(_ corner: Corner) -> SIMD2<Float> { SIMD2(corner.x, corner.y) * shrink }
        func value(_ corner: Corner) -> SIMD3<Float> {
            SIMD3(
                ((corner.u + 0.5) * texture.scale - 0.5).clamped(to: 0...lastColumn),
                ((corner.v + 0.5) * texture.scale - 0.5).clamped(to: 0...lastRow),
                corner.gain.clamped(to: 0...Self.brightest))
        }
        var (first, second, third) = ((place(a), value(a)), (place(b), value(b)), (place(c), value(c)))
        let (across, down) = (second.0 - first.0, third.0 - first.0)
        let area = across.x * down.y - down.x * across.y
        self.isVisible = abs(area) > 0.01 && area.isFinite
        self.least = pointwiseMin(first.1, pointwiseMin(second.1, third.1))
        self.most = pointwiseMax(first.1, pointwiseMax(second.1, third.1))
        let (acrossValue, downValue) = (second.1 - first.1, third.1 - first.1)
        let inverse = isVisible ? 1 / area : 0
        self.perColumn = (acrossValue * down.y - downValue * across.y) * inverse
        self.perRow = (downValue * across.x - acrossValue * down.x) * inverse
        if second.0.y < first.0.y { swap(&first, &second) }
        if third.0.y < second.0.y { swap(&second, &third) }
        if second.0.y < first.0.y { swap(&first, &second) }
        (self.top, self.middle, self.bottom) = (first.0, second.0, third.0)
        self.atTop = first.1
    }

    /// Calls `body` for each row that the triangle touches.
    ///
    /// A pixel belongs to the triangle that its centre lies in; neighbours share edges to the last bit, so that
    /// no pixel between them is left out or filled twice.
    @inline(__always)
    func forEachRow(width: Int, height: Int, stride: Int, _ body: (Run) -> Void) {
        if !isVisible { return }
        let first = max(Self.firstCentre(top.y), 0)
        let end = min(Self.firstCentre(bottom.y), height)
        if first >= end { return }
        for row in first..<end {
            let y = Float(row) + 0.5
            let long = Self.crossing(top, bottom, y)
            let short = y < middle.y ? Self.crossing(top, middle, y) : Self.crossing(middle, bottom, y)
            let left = max(Self.firstCentre(min(long, short)), 0)
            let right = min(Self.firstCentre(max(long, short)), width)
            if left >= right { continue }
            let start = atTop + perRow * (y - top.y) + perColumn * (Float(left) + 0.5 - top.x)
            body(
                Run(at: row * stride + left, count: right - left, from: start, by: perColumn, least: least, most: most))
        }
    }

    /// The first pixel whose centre is not before an edge.
    private static func firstCentre(_ edge: Float) -> Int {
        let place = (edge - 0.5).clamped(to: -1e6...1e6)
        let whole = Int(place)
        return Float(whole) < place ? whole + 1 : whole
    }

    private static func crossing(_ a: SIMD2<Float>, _ b: SIMD2<Float>, _ y: Float) -> Float {
        b.y > a.y ? a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y) : a.x
    }
}

/// Pixels of one row inside a triangle; texel column, texel row and gain are in 65536ths.
struct Run {
    /// Index of the first pixel in the plane.
    let at: Int
    let count: Int
    var u: Int32
    var v: Int32
    var gain: Int32
    private(set) var uStep: Int32
    private(set) var vStep: Int32
    private(set) var gainStep: Int32

    /// Keeps both ends, and with them all between, to what the corners have: thin triangles amplify rounding.
    @inline(__always)
    init(
        at: Int, count: Int, from start: SIMD3<Float>, by step: SIMD3<Float>, least: SIMD3<Float>,
        most: SIMD3<Float>
    ) {
        self.at = at
        self.count = count
        let last = Float(count - 1)
        (self.u, self.uStep) = Self.line(from: start.x, by: step.x, steps: last, least.x, most.x)
        (self.v, self.vStep) = Self.line(from: start.y, by: step.y, steps: last, least.y, most.y)
        (self.gain, self.gainStep) = Self.line(from: start.z, by: step.z, steps: last, least.z, most.z)
    }

    @inline(__always)
    mutating func advance() {
        u &+= uStep
        v &+= vStep
        gain &+= gainStep
    }

    @inline(__always)
    private static func line(
        from start: Float, by step: Float, steps: Float, _ least: Float, _ most: Float
    ) -> (Int32, Int32) {
        let end = start + step * steps
        if start >= least, end >= least, start <= most, end <= most {
            // Rounded towards zero, so that the sum of all steps stays short of the end.
            return (Int32(start * 65536), steps > 0 ? Int32(step * 65536) : 0)
        }
        let (first, last) = (min(max(start, least), most), min(max(end, least), most))
        return (Int32(first * 65536), steps > 0 ? Int32((last - first) * 65536 / steps) : 0)
    }
}

extension Texture {
    /// Fills a triangle of the luma plane; `opacity` is 0...256, an opaque triangle ignores it.
    func fillLuma(of canvas: Canvas, with slope: Slope, _ opacity: Int32, isOpaque: Bool) {
        slope.forEachRow(width: canvas.width, height: canvas.height, stride: canvas.stride) { run in
            var run = run
            let line = unsafe canvas.luma + run.at
            if isOpaque {
                for column in 0..<run.count {
                    unsafe line[column] = lit(split(blend(run)).0, run.gain)
                    run.advance()
                }
            } else {
                for column in 0..<run.count {
                    let (luma, cover) = split(blend(run))
                    unsafe line[column] = mix(line[column], Int32(lit(luma, run.gain)), weigh(cover, opacity))
                    run.advance()
                }
            }
        }
    }

    /// Fills a triangle of both chroma planes; `opacity` is 0...256.
    func fillChroma(of canvas: Canvas, with slope: Slope, _ opacity: Int32) {
        slope.forEachRow(width: canvas.chromaWidth, height: canvas.chromaHeight, stride: canvas.chromaStride) { run in
            var run = run
            let (cb, cr) = unsafe (canvas.cb + run.at, canvas.cr + run.at)
            for column in 0..<run.count {
                // The nearest texel will do: chroma is coarse, and the texture is finer than its plane.
                let place = Int((run.v &+ 32768) >> 16) &* stride &+ Int((run.u &+ 32768) >> 16)
                let texel = unsafe Int32(bitPattern: texels[place])
                let weight = weigh(texel >> 16 & 255, opacity)
                unsafe cb[column] = tint(cb[column], texel >> 24 & 255, run.gain, weight)
                unsafe cr[column] = tint(cr[column], texel >> 8 & 255, run.gain, weight)
                run.advance()
            }
        }
    }

    /// Blends luma and opacity of the four texels around a place.
    ///
    /// `a * 256 + (b - a) * share` never leaves its 16 bits, so that one multiplication serves all components.
    @inline(__always)
    private func blend(_ run: Run) -> UInt32 {
        let mask: UInt64 = 0x00FF_00FF_00FF_00FF
        let (right, down) = (UInt64(truncatingIfNeeded: run.u >> 8 & 255), UInt64(truncatingIfNeeded: run.v >> 8 & 255))
        let place = unsafe UnsafeRawPointer(texels + (Int(run.v >> 16) &* stride &+ Int(run.u >> 16)))
        let upper = unsafe place.loadUnaligned(as: UInt64.self) & mask
        let lower = unsafe place.loadUnaligned(fromByteOffset: stride &* 4, as: UInt64.self) & mask
        let columns = (upper << 8 &+ (lower &- upper) &* down) >> 8 & mask
        let (first, second) = (columns & 0xFFFF_FFFF, columns >> 32)
        return UInt32(truncatingIfNeeded: (first << 8 &+ (second &- first) &* right) >> 8 & mask)
    }

    @inline(__always)
    private func split(_ pair: UInt32) -> (Int32, Int32) {
        (Int32(bitPattern: pair & 255), Int32(bitPattern: pair >> 16))
    }

    /// Opacity 0...255 times opacity 0...256, as 0...256.
    @inline(__always)
    private func weigh(_ cover: Int32, _ opacity: Int32) -> Int32 { ((cover &+ cover >> 7) &* opacity) >> 8 }

    @inline(__always)
    private func lit(_ luma: Int32, _ gain: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: min((luma &* (gain >> 8)) >> 16, 255))
    }

    @inline(__always)
    private func mix(_ below: UInt8, _ above: Int32, _ weight: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: Int32(below) &+ ((above &- Int32(below)) &* weight) >> 8)
    }

    @inline(__always)
    private func tint(_ below: UInt8, _ chroma: Int32, _ gain: Int32, _ weight: Int32) -> UInt8 {
        let lit = min(max(128 &+ ((chroma &- 128) &* (gain >> 8)) >> 16, 0), 255)
        return mix(below, lit, weight)
    }
}
