import Glibc
import Platform

/// A straight edge in pixels of a crop.
struct LineSegment {
    var start: SIMD2<Float>
    var end: SIMD2<Float>
}

/// Finds straight edges: regions of pixels whose gradients point the same way, after the line segment detector of
/// Grompone von Gioi, Jakubowicz, Morel and Randall (2010), with a least length in place of its count of false alarms.
///
/// All memory is secure and made once; searching allocates nothing.
@safe struct LineFinder: ~Copyable {
    /// Least slope in grey levels per pixel; quantisation alone bends the angle of less.
    private static let leastSlope: Float = 5.2
    /// Radians.
    private static let tolerance: Float = .pi / 8
    private static let leastDensity: Float = 0.7

    private let side: Int
    /// Twice as many values as pixels: slope along x and along y.
    private let slopes: UnsafeMutablePointer<SIMD2<Float>>
    /// Pixels by falling slope, then the pixels of one region.
    private let order: UnsafeMutablePointer<Int32>
    private let region: UnsafeMutablePointer<Int32>
    private let isUsed: UnsafeMutablePointer<Bool>

    /// Searches squares of `side` pixels.
    init(side: Int) {
        self.side = side
        let count = side * side
        func make<Element>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
            unsafe SecureMemory.allocate(count * MemoryLayout<Element>.stride, holding: .frames)
                .bindMemory(to: type, capacity: count)
        }
        unsafe self.slopes = make(SIMD2<Float>.self)
        unsafe self.order = make(Int32.self)
        unsafe self.region = make(Int32.self)
        unsafe self.isUsed = make(Bool.self)
    }

    deinit {
        unsafe SecureMemory.free(slopes)
        unsafe SecureMemory.free(order)
        unsafe SecureMemory.free(region)
        unsafe SecureMemory.free(isUsed)
    }

    /// Hands every straight edge of at least `leastLength` pixels to `body`.
    mutating func find(in plane: GreyPlane, leastLength: Float, _ body: (LineSegment) -> Void) {
        measure(plane)
        let count = sort()
        for index in 0..<count {
            let seed = unsafe Int(order[index])
            if unsafe isUsed[seed] { continue }
            let size = grow(from: seed, within: Self.tolerance)
            if Float(size) < leastLength { continue }
            var found = segment(of: size)
            if found == nil {
                // A bend or a corner: only what points more nearly as the seed does.
                for place in 0..<size { unsafe isUsed[Int(region[place])] = false }
                found = segment(of: grow(from: seed, within: Self.tolerance / 2))
            }
            if let found, length(found) >= leastLength { body(found) }
        }
    }

    private func measure(_ plane: GreyPlane) {
        for row in 0..<side {
            let (here, below) = unsafe (plane.row(row), plane.row(row + 1))
            for column in 0..<side {
                let falling = unsafe below[column + 1] - here[column]
                let rising = unsafe here[column + 1] - below[column]
                let slope = SIMD2(falling + rising, falling - rising) / 2
                let place = row * side + column
                unsafe slopes[place] = slope
                unsafe isUsed[place] = (slope * slope).sum() < Self.leastSlope * Self.leastSlope
            }
        }
    }

    /// Orders the pixels that have a slope by its size, steepest first, in 256 classes.
    private func sort() -> Int {
        var starts = InlineArray<257, Int32>(repeating: 0)
        let count = side * side
        func shelf(_ place: Int) -> Int {
            let slope = unsafe slopes[place]
            return 255 - min(Int((slope * slope).sum().squareRoot()), 255)
        }
        for place in 0..<count where unsafe !isUsed[place] { starts[shelf(place) + 1] += 1 }
        for index in 1..<257 { starts[index] += starts[index - 1] }
        let total = Int(starts[256])
        for place in 0..<count where unsafe !isUsed[place] {
            let shelf = shelf(place)
            unsafe order[Int(starts[shelf])] = Int32(place)
            starts[shelf] += 1
        }
        return total
    }

    /// Collects neighbours whose slope points as the region's does, and returns how many.
    private func grow(from seed: Int, within tolerance: Float) -> Int {
        var count = 1
        unsafe region[0] = Int32(seed)
        unsafe isUsed[seed] = true
        var direction = unsafe unit(slopes[seed])
        var sum = direction
        let agreement = cos(tolerance)
        var next = 0
        while next < count {
            let place = unsafe Int(region[next])
            next += 1
            let (row, column) = (place / side, place % side)
            for y in max(row - 1, 0)...min(row + 1, side - 1) {
                for x in max(column - 1, 0)...min(column + 1, side - 1) {
                    let neighbour = y * side + x
                    if unsafe isUsed[neighbour] { continue }
                    let slope = unsafe unit(slopes[neighbour])
                    if (slope * direction).sum() < agreement { continue }
                    unsafe isUsed[neighbour] = true
                    unsafe region[count] = Int32(neighbour)
                    count += 1
                    sum += slope
                    direction = unit(sum)
                }
            }
        }
        return count
    }

    /// The axis of the region's pixels weighed by their slope; `nil` when they do not fill a thin rectangle.
    private func segment(of count: Int) -> LineSegment? {
        var (weight, sum): (Float, SIMD2<Float>) = (0, .zero)
        for index in 0..<count {
            let (place, slope) = pixel(index)
            weight += slope
            sum += place * slope
        }
        let centre = sum / weight
        var (xx, xy, yy): (Float, Float, Float) = (0, 0, 0)
        for index in 0..<count {
            let (place, slope) = pixel(index)
            let offset = place - centre
            xx += offset.x * offset.x * slope
            xy += offset.x * offset.y * slope
            yy += offset.y * offset.y * slope
        }
        let angle = 0.5 * atan2(2 * xy, xx - yy)
        let axis = SIMD2(cos(angle), sin(angle))
        let across = SIMD2(-axis.y, axis.x)
        var (least, most, leastAcross, mostAcross): (Float, Float, Float, Float) = (0, 0, 0, 0)
        for index in 0..<count {
            let offset = pixel(index).place - centre
            let (along, aside) = ((offset * axis).sum(), (offset * across).sum())
            (least, most) = (min(least, along), max(most, along))
            (leastAcross, mostAcross) = (min(leastAcross, aside), max(mostAcross, aside))
        }
        let area = (most - least + 1) * (mostAcross - leastAcross + 1)
        let isThin = mostAcross - leastAcross < 0.2 * (most - least)
        guard isThin, Float(count) >= Self.leastDensity * area || mostAcross - leastAcross < 6 else { return nil }
        return LineSegment(start: centre + axis * least, end: centre + axis * most)
    }

    /// Where the slope of a pixel of the region lies, between four pixels, and how steep it is.
    private func pixel(_ index: Int) -> (place: SIMD2<Float>, slope: Float) {
        let place = unsafe Int(region[index])
        let slope = unsafe slopes[place]
        return (SIMD2(Float(place % side), Float(place / side)) + 0.5, (slope * slope).sum().squareRoot())
    }

    private func unit(_ vector: SIMD2<Float>) -> SIMD2<Float> {
        vector / max((vector * vector).sum().squareRoot(), 1e-6)
    }

    private func length(_ segment: LineSegment) -> Float {
        let line = segment.end - segment.start
        return (line * line).sum().squareRoot()
    }
}
