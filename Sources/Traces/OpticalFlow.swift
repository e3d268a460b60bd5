/// Finds where a place of one picture lies in another: Lucas and Kanade (1981) on a pyramid, as Bouguet (2000) has it.
///
/// The patch's mean is taken out of both pictures, so that a change of brightness is no motion. Every result is
/// followed back (forward–backward error; Kalal, Mikolajczyk and Matas, 2010) and compared by normalised
/// cross-correlation.
struct OpticalFlow {
    /// Pixels by which the way back may miss the start.
    var largestMiss: Float = 0.8
    /// Normalised cross-correlation that both patches need.
    var leastCorrelation: Float = 0.7
    /// Pixels that a place may move.
    var largestShift: Float

    private static let rounds = 8
    private static let settled: Float = 0.02

    /// How far `place` of `from` has moved in `to`, in pixels; `nil` when that cannot be told.
    func shift(of place: SIMD2<Float>, from: borrowing GreyPyramid, to: borrowing GreyPyramid) -> SIMD2<Float>? {
        guard let there = follow(place, from: from, to: to), length(there) <= largestShift else { return nil }
        guard let back = follow(place + there, from: to, to: from, expecting: -there) else { return nil }
        guard length(there + back) <= largestMiss else { return nil }
        guard let before = Patch(from.level(0), at: place), let after = Patch(to.level(0), at: place + there) else {
            return nil
        }
        return before.correlation(with: after) >= leastCorrelation ? there : nil
    }

    private func follow(
        _ place: SIMD2<Float>, from: borrowing GreyPyramid, to: borrowing GreyPyramid,
        expecting guess: SIMD2<Float> = .zero
    ) -> SIMD2<Float>? {
        // The way back starts near its end: the coarse levels have nothing to add.
        var level = guess == .zero ? GreyPyramid.levelCount - 1 : 0
        var shift = guess
        while true {
            let scale = 1 / Float(1 << level)
            guard
                let found = refine(shift, of: place * scale, from: from.level(level), to: to.level(level))
            else { return nil }
            shift = found
            if level == 0 { return shift }
            shift *= 2
            level -= 1
        }
    }

    /// Gauss–Newton on one level.
    private func refine(
        _ start: SIMD2<Float>, of place: SIMD2<Float>, from: GreyPlane, to: GreyPlane
    ) -> SIMD2<Float>? {
        guard let template = GradientPatch(from, at: place) else { return nil }
        var shift = start
        for _ in 0..<Self.rounds {
            guard let patch = Patch(to, at: place + shift) else { return nil }
            let step = template.step(toward: patch)
            shift += step
            if length(step) < Self.settled { break }
        }
        return shift.x.isFinite && shift.y.isFinite ? shift : nil
    }

    private func length(_ vector: SIMD2<Float>) -> Float { (vector * vector).sum().squareRoot() }
}

/// 16×16 values around a place, sampled between pixels.
struct Patch {
    static let side = 16
    private(set) var rows = InlineArray<16, SIMD16<Float>>(repeating: .zero)

    /// `nil` when the patch does not lie within the plane and its margin.
    init?(_ plane: GreyPlane, at place: SIMD2<Float>) {
        // The patch's middle lies between its pixels 7 and 8.
        let corner = place - 7.5
        let floor = corner.rounded(.down)
        let (limitX, limitY) = (plane.width + GreyPlane.margin - 18, plane.height + GreyPlane.margin - 18)
        let isInside =
            floor.x >= Float(1 - GreyPlane.margin) && floor.x < Float(limitX)
            && floor.y >= Float(1 - GreyPlane.margin) && floor.y < Float(limitY)
        guard isInside else { return nil }
        let (column, row) = (Int(floor.x), Int(floor.y))
        let share = corner - floor
        var upper = unsafe Self.line(plane.row(row) + column, share.x)
        for index in 0..<Self.side {
            let lower = unsafe Self.line(plane.row(row + index + 1) + column, share.x)
            rows[index] = upper + (lower - upper) * share.y
            upper = lower
        }
    }

    @inline(__always)
    @unsafe private static func line(_ start: UnsafePointer<Float>, _ share: Float) -> SIMD16<Float> {
        let here = unsafe UnsafeRawPointer(start).loadUnaligned(as: SIMD16<Float>.self)
        let next = unsafe UnsafeRawPointer(start + 1).loadUnaligned(as: SIMD16<Float>.self)
        return here + (next - here) * share
    }

    /// Normalised cross-correlation of the middle 12×12, -1...1; 0 for a patch without texture.
    func correlation(with other: Patch) -> Float {
        let mask = SIMD16<Float>(0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0)
        let count: Float = 144
        var (sum, otherSum, squares, otherSquares, products) = (
            SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero
        )
        for index in 2..<14 {
            let (a, b) = (rows[index] * mask, other.rows[index] * mask)
            sum += a
            otherSum += b
            squares += a * a
            otherSquares += b * b
            products += a * b
        }
        let (meanA, meanB) = (sum.sum() / count, otherSum.sum() / count)
        let (varianceA, varianceB) = (
            squares.sum() / count - meanA * meanA, otherSquares.sum() / count - meanB * meanB
        )
        let product = varianceA * varianceB
        return product > 0.01 ? (products.sum() / count - meanA * meanB) / product.squareRoot() : 0
    }
}

/// A patch with its slopes, ready for Gauss–Newton steps.
private struct GradientPatch {
    private let patch: Patch
    /// Slopes without their means.
    private var slopeX = InlineArray<16, SIMD16<Float>>(repeating: .zero)
    private var slopeY = InlineArray<16, SIMD16<Float>>(repeating: .zero)
    /// The inverse of the structure tensor: xx, xy, yy.
    private var inverse = SIMD3<Float>.zero

    /// `nil` at the edge of the plane, or where there is nothing to hold on to.
    init?(_ plane: GreyPlane, at place: SIMD2<Float>) {
        guard let patch = Patch(plane, at: place), let west = Patch(plane, at: place - SIMD2(1, 0)),
            let east = Patch(plane, at: place + SIMD2(1, 0)), let north = Patch(plane, at: place - SIMD2(0, 1)),
            let south = Patch(plane, at: place + SIMD2(0, 1))
        else { return nil }
        self.patch = patch
        var (sumX, sumY) = (SIMD16<Float>.zero, SIMD16<Float>.zero)
        for index in 0..<Patch.side {
            slopeX[index] = (east.rows[index] - west.rows[index]) * 0.5
            slopeY[index] = (south.rows[index] - north.rows[index]) * 0.5
            sumX += slopeX[index]
            sumY += slopeY[index]
        }
        let (meanX, meanY) = (sumX.sum() / 256, sumY.sum() / 256)
        var (xx, xy, yy) = (SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero)
        for index in 0..<Patch.side {
            slopeX[index] -= meanX
            slopeY[index] -= meanY
            xx += slopeX[index] * slopeX[index]
            xy += slopeX[index] * slopeY[index]
            yy += slopeY[index] * slopeY[index]
        }
        let tensor = SIMD3(xx.sum(), xy.sum(), yy.sum())
        let determinant = tensor.x * tensor.z - tensor.y * tensor.y
        // A slope of one level per pixel both ways makes 256².
        guard determinant > 16 else { return nil }
        inverse = SIMD3(tensor.z, -tensor.y, tensor.x) / determinant
    }

    /// The shift that brings the other patch closer to this one.
    @inline(__always)
    func step(toward other: Patch) -> SIMD2<Float> {
        var (alongX, alongY) = (SIMD16<Float>.zero, SIMD16<Float>.zero)
        for index in 0..<Patch.side {
            let difference = patch.rows[index] - other.rows[index]
            alongX += difference * slopeX[index]
            alongY += difference * slopeY[index]
        }
        let (x, y) = (alongX.sum(), alongY.sum())
        return SIMD2(inverse.x * x + inverse.y * y, inverse.y * x + inverse.z * y)
    }
}
