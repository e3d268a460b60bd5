package import Biometrics
import Cues
import Glibc
package import Imaging

/// Measures how much of a rectangle around the face is made of straight edges.
///
/// All memory is secure and made once; measuring allocates nothing. Thread-bound.
package struct BezelGauge: ~Copyable {
    /// Pixels of the crop.
    package static let side = 256
    /// The crop is this much larger than the face's square.
    private static let reach = 2.2
    /// Grey levels across an edge that count; borders of pictures and JPEG blocks stay below.
    private static let leastContrast: Float = 8

    private var crop = GreyPyramid(width: side, height: side)
    private var finder = LineFinder(side: side)
    private var edges = Edges()

    package init() {}

    /// What must be loaded, at `side` pixels or more.
    package static func region(around square: RotatedSquare) -> Box {
        let side = reach * square.side
        return Box(x: square.centreX - side / 2, y: square.centreY - side / 2, width: side, height: side)
    }

    /// Returns the shares of four sides of the best rectangle, 0...1, of the width of 1.4 faces opposite the face.
    ///
    /// The region around `square` of `picture` is loaded; `box` and `faceWidth` are the mesh's, in pixels of the frame.
    package mutating func sides(
        around square: RotatedSquare, box: Box, faceWidth: Double, of picture: borrowing FramePicture
    ) -> SIMD4<Double> {
        let region = Self.region(around: square)
        guard region.width > 1, region.width.isFinite, faceWidth > 1 else { return .zero }
        let upright = RotatedSquare(centreX: square.centreX, centreY: square.centreY, side: region.width, angle: 0)
        let map = AffineMap.frameFromCrop(upright, size: Self.side)
        crop.fill(with: picture, ProjectiveMap(map))
        let scale = Double(Self.side) / region.width
        let centre = SIMD2((box.centreX - region.x) * scale, (box.centreY - region.y) * scale)
        let plane = crop.level(0)
        let frame = FrameBounds(picture, map)
        edges.start(centre: SIMD2<Float>(centre), unit: Float(faceWidth * scale))
        finder.find(in: plane, leastLength: Float(0.25 * faceWidth * scale)) { segment in
            guard frame.holds(segment), abs(Self.contrast(across: segment, in: plane)) > Self.leastContrast else {
                return
            }
            edges.add(segment)
        }
        return edges.bestSides()
    }

    /// The median difference of grey levels to both sides of an edge, at twelve places.
    private static func contrast(across segment: LineSegment, in plane: GreyPlane) -> Float {
        let line = segment.end - segment.start
        let normal = SIMD2(-line.y, line.x) / max((line * line).sum().squareRoot(), 1) * 3.2
        var differences = InlineArray<12, Float>(repeating: 0)
        func value(_ place: SIMD2<Float>) -> Float {
            let (column, row) = (Int(place.x.rounded()), Int(place.y.rounded()))
            return unsafe plane.row(min(max(row, 0), side - 1))[min(max(column, 0), side - 1)]
        }
        for step in 0..<12 {
            let place = segment.start + line * (0.1 + 0.8 * Float(step) / 11)
            let difference = value(place - normal) - value(place + normal)
            var slot = step
            while slot > 0, differences[slot - 1] > difference {
                differences[slot] = differences[slot - 1]
                slot -= 1
            }
            differences[slot] = difference
        }
        return (differences[5] + differences[6]) / 2
    }
}

/// The part of a crop that the frame covers; what lies beyond repeats the frame's edge as if it were lines.
private struct FrameBounds {
    let least: SIMD2<Float>
    let most: SIMD2<Float>

    init(_ picture: borrowing FramePicture, _ map: AffineMap) {
        least = SIMD2<Float>(SIMD2(-map.tx, -map.ty) / map.scale) + 2
        most = SIMD2<Float>(SIMD2(Double(picture.width) - map.tx, Double(picture.height) - map.ty) / map.scale) - 3
    }

    func holds(_ segment: LineSegment) -> Bool {
        func isInside(_ place: SIMD2<Float>) -> Bool { all(place .>= least) && all(place .<= most) }
        return isInside(segment.start) && isInside(segment.end)
    }
}

/// Straight edges around a face, by the direction and distance in which they lie.
private struct Edges {
    private struct Edge {
        var start = SIMD2<Float>.zero
        var end = SIMD2<Float>.zero
        /// Degrees of the normal that points away from the face.
        var direction: Float = 0
        var distance: Float = 0
    }

    private static let capacity = 128

    private var edges = InlineArray<128, Edge>(repeating: Edge())
    private var count = 0
    private var centre = SIMD2<Float>.zero
    /// Pixels of a face width.
    private var unit: Float = 1

    mutating func start(centre: SIMD2<Float>, unit: Float) {
        (self.centre, self.unit, count) = (centre, unit, 0)
    }

    mutating func add(_ segment: LineSegment) {
        guard count < Self.capacity else { return }
        let (start, end) = (segment.start - centre, segment.end - centre)
        let line = end - start
        var normal = SIMD2(-line.y, line.x) / max((line * line).sum().squareRoot(), 1)
        var distance = (start * normal).sum()
        if distance < 0 { (normal, distance) = (-normal, -distance) }
        guard distance > 0.5 * unit, distance < 1.9 * unit else { return }
        edges[count] = Edge(
            start: start, end: end, direction: atan2(normal.y, normal.x) * 180 / .pi, distance: distance)
        count += 1
    }

    /// The rectangle, upright or tilted by up to 32°, whose third best side is best covered.
    func bestSides() -> SIMD4<Double> {
        var best = (value: 0.0, sides: SIMD4<Double>.zero)
        for tilt in stride(from: Float(-32), through: 32, by: 4) {
            var sides = SIMD4<Double>.zero
            for side in 0..<4 { sides[side] = cover(of: tilt + 90 * Float(side)) }
            let third = BezelCue.third(of: sides)
            let value = third + 0.25 * sides.min() + 0.1 * sides.max()
            if value > best.value { best = (value, sides) }
        }
        return best.sides
    }

    /// How much of the side in this direction the edges of one line cover.
    private func cover(of direction: Float) -> Double {
        let angle = direction * .pi / 180
        let tangent = SIMD2(-sin(angle), cos(angle))
        // Cells of 0.05 face widths, of which the middle 28 count.
        let middle: UInt64 = (1 << 28 - 1) << 16
        var best = 0
        for index in 0..<count where isAlong(edges[index], direction) {
            var cells: UInt64 = 0
            for other in 0..<count where isAlong(edges[other], direction) {
                guard abs(edges[other].distance - edges[index].distance) < 0.09 * unit else { continue }
                cells |= Self.cells(
                    (edges[other].start * tangent).sum() / unit, (edges[other].end * tangent).sum() / unit)
            }
            best = max(best, (cells & middle).nonzeroBitCount)
        }
        return Double(best) / 28
    }

    private func isAlong(_ edge: Edge, _ direction: Float) -> Bool {
        abs(remainder(edge.direction - direction, 360)) < 9
    }

    private static func cells(_ a: Float, _ b: Float) -> UInt64 {
        func cell(_ place: Float) -> Int { min(max(Int((place + 1.5) * 20), 0), 59) }
        let (first, last) = (cell(min(a, b)), cell(max(a, b)))
        return (1 << UInt64(last - first + 1) - 1) << UInt64(first)
    }
}
