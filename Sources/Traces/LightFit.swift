import Biometrics
import Cues
import Ports

/// Explains the brightness of patches over time by the illuminators, a drift, and the head's motion under the room's
/// light, which shades a face as well.
struct LightFit {
    struct Row {
        /// Seconds since the run began.
        let time: Double
        /// Degrees, against the first frame.
        let pose: HeadPose
        let illuminators: Illuminators
        /// As a share of the frame's width: the illuminators' light falls with the square of the distance.
        let faceWidth: Double
        /// Which frame's levels it explains.
        let frame: Int
        /// 0 or 1.
        let run: Int
        /// Number of the state in its run.
        let state: Int
    }

    /// Columns of the explanation: 1, time, yaw, pitch, roll, left, right, front, and 1 and time in the second run, whose
    /// room light and exposure may be others.
    private enum Column {
        static let left = 5
        static let right = 6
        static let front = 7
        static let secondRun = 8
        static let count = 10
    }

    /// Patches that are fitted at once, in the columns behind the explanation.
    private static let batch = 6

    let rows: [Row]
    private let meanWidth: Double

    init(rows: [Row]) {
        self.rows = rows
        self.meanWidth = rows.reduce(0) { $0 + $1.faceWidth } / Double(max(rows.count, 1))
    }

    /// What the illuminators did; `nil` when there are too few frames or patches.
    ///
    /// `level` gives the logarithm of a patch's light in a frame, NaN for one that tells nothing.
    func reading(
        _ patches: borrowing LightPatches, delay: Duration,
        level: (_ frame: Int, _ patch: Int) -> Float
    ) -> LightReading? {
        let usable = (0..<patches.count).filter { patch in rows.allSatisfy { !level($0.frame, patch).isNaN } }
        guard rows.count > 2 * Column.count, !usable.isEmpty else { return nil }
        func mean(_ row: Row) -> Double {
            usable.reduce(0) { $0 + Double(level(row.frame, $1)) } / Double(usable.count)
        }
        let means = rows.map(mean)
        let whole = fit(count: 1) { row, _ in means[row] }
        let (left, right) = (whole[Column.left], whole[Column.right])
        var slopes = SecureArray<PatchSlope>(count: usable.count)
        for start in stride(from: 0, to: usable.count, by: Self.batch) {
            let part = start..<min(start + Self.batch, usable.count)
            let gram = gram(count: part.count) { row, index in
                Double(level(rows[row].frame, usable[start + index])) - means[row]
            }
            for index in part {
                let column = Column.count + index - start
                let besideLeft = gram.coefficient(of: Column.left, in: column)
                let besideRight = gram.coefficient(of: Column.right, in: column)
                slopes[index] = PatchSlope(
                    difference: left - right + besideLeft - besideRight,
                    rise: (left + right + besideLeft + besideRight) / 2,
                    noise: max(gram[column, column], 0) / Double(rows.count - Column.count))
            }
        }
        let usualNoise = max(slopes.medianNoise, 1e-12)
        let wholeNoise = whole.residual / Double(rows.count - Column.count)
        // At an edge a patch tells more of how the mesh trembles than of light; none may speak for all others.
        func weight(_ index: Int) -> Double { usualNoise / (usualNoise + slopes[index].noise) }
        let switched = Double(rows.count { $0.illuminators.contains(.left) != $0.illuminators.contains(.right) }) / 2
        func shading(of isCounted: (_ place: SIMD2<Double>) -> Bool) -> Shading {
            var shape = ShadingShape()
            for (index, patch) in usable.enumerated() where isCounted(patches.place(patch)) {
                shape.add(patches, patch, slopes[index], weight: weight(index))
            }
            return shape.fit(beside: wholeNoise, switched: switched)
        }
        let wholeFace = shading { _ in true }
        let sides = rows.map { row in
            usable.enumerated().reduce(0) { sum, patch in
                sum + weight(patch.offset) * wholeFace.contrast(patches, patch.element, slopes[patch.offset])
                    * Double(level(row.frame, patch.element))
            } / wholeFace.expected
        }
        let side = fit(count: 1) { row, _ in sides[row] }
        let hasFront = rows.contains { $0.illuminators.contains(.front) }
        return LightReading(
            left: left, right: right, front: whole[Column.front], shading: wholeFace.gain,
            shadingError: wholeFace.error, unevenness: Cut.unevenness(of: .belowNose, shading: shading),
            middleUnevenness: Cut.unevenness(of: .alongNose, .acrossBridge, shading: shading),
            shadingSpread: stateSpread(of: side, sides),
            frontShading: hasFront ? side[Column.front] - (side[Column.left] + side[Column.right]) / 2 : 0,
            misfit: spread(of: whole) / max(abs(left + right) / 2, 1e-6), patchCount: usable.count,
            frameCount: rows.count, patternCount: Set(rows.map(\.run)).count, faceWidth: meanWidth, delay: delay)
    }

    /// Root mean square over all states of what is left unexplained of each state as a whole.
    private func stateSpread(of whole: Explanation, _ values: [Double]) -> Double {
        var states: [SIMD2<Int>: SIMD2<Double>] = [:]
        for (index, row) in rows.enumerated() {
            let columns = columns(of: row)
            let explained = (0..<Column.count).reduce(0) { $0 + whole[$1] * columns[$1] }
            states[[row.run, row.state], default: .zero] += [values[index] - explained, 1]
        }
        let squares = states.values.reduce(0) { $0 + ($1.x / $1.y) * ($1.x / $1.y) }
        return (squares / Double(max(states.count, 1))).squareRoot()
    }

    /// The standard deviation of what the illuminators leave unexplained of a face's level; `nil` with too few frames.
    func spread(_ level: (_ frame: Int) -> Double) -> Double? {
        guard rows.count > 2 * Column.count else { return nil }
        return spread(of: fit(count: 1) { row, _ in level(rows[row].frame) })
    }

    private func spread(of whole: Explanation) -> Double {
        (whole.residual / Double(rows.count - Column.count)).squareRoot()
    }

    private struct Explanation {
        let gram: Gram
        subscript(column: Int) -> Double { gram.coefficient(of: column, in: Column.count) }
        var residual: Double { max(gram[Column.count, Column.count], 0) }
    }

    private func fit(count: Int, _ value: (_ row: Int, _ index: Int) -> Double) -> Explanation {
        Explanation(gram: gram(count: count, value))
    }

    private func gram(count: Int, _ value: (_ row: Int, _ index: Int) -> Double) -> Gram {
        var gram = Gram()
        for (index, row) in rows.enumerated() {
            var columns = columns(of: row)
            for place in 0..<count { columns[Column.count + place] = value(index, place) }
            gram.add(columns)
        }
        for column in 0..<Column.count { gram.eliminate(column) }
        return gram
    }

    private func columns(of row: Row) -> SIMD16<Double> {
        var columns = SIMD16<Double>.zero
        columns[0] = 1
        columns[1] = row.time
        columns[2] = row.pose.yaw / 10
        columns[3] = row.pose.pitch / 10
        columns[4] = row.pose.roll / 10
        let nearness = row.faceWidth / meanWidth
        let light = nearness * nearness
        columns[Column.left] = row.illuminators.contains(.left) ? light : 0
        columns[Column.right] = row.illuminators.contains(.right) ? light : 0
        columns[Column.front] = row.illuminators.contains(.front) ? light : 0
        if row.run > 0 { (columns[Column.secondRun], columns[Column.secondRun + 1]) = (1, row.time) }
        return columns
    }
}

/// What left and right do to one patch.
struct PatchSlope: BitwiseCopyable {
    /// How much more it brightens under left than under right.
    let difference: Double
    /// How much it brightens under either on average.
    let rise: Double
    /// Variance of what is left unexplained.
    let noise: Double
}

extension SecureArray<PatchSlope> {
    fileprivate var medianNoise: Double { (0..<count).map { self[$0].noise }.sorted()[count / 2] }
}

/// How far a face, or a part of it, shades as a head would.
private struct Shading {
    /// The multiple of the expected contrast that is in the slopes, and its standard error.
    let gain: Double
    let error: Double
    /// Weighted sum of the squares of what a head would show.
    let expected: Double
    let patchCount: Int
    /// Mean rise of its patches.
    let rise: Double
    fileprivate let plane: SIMD3<Double>

    /// What a head would show at a patch, apart from what is linear over the face.
    func contrast(_ patches: borrowing LightPatches, _ patch: Int, _ slope: PatchSlope) -> Double {
        let place = patches.place(patch)
        return slope.rise * (patches.contrast(patch) - plane.x - plane.y * place.x - plane.z * place.y)
    }

    /// Standard errors by which one part shades less than it must beside the other; `nil` where they cannot be compared.
    func unevenness(beside other: Shading) -> Double? {
        let share = Thresholds.Light.evenShare
        func lack(_ one: Shading, _ other: Shading) -> Double {
            let error = (one.error * one.error + share * share * other.error * other.error).squareRoot()
            return (share * other.gain - one.gain) / max(error, 1e-9)
        }
        guard min(patchCount, other.patchCount) >= Thresholds.Light.leastPatches / 4,
            min(rise, other.rise) * Thresholds.Light.mostRiseRatio > max(rise, other.rise)
        else { return nil }
        return max(lack(self, other), lack(other, self))
    }
}

/// Where a print may be cut that leaves a part of the face bare; places are in face widths from the tip of the nose.
private enum Cut {
    case alongNose, acrossBridge, belowNose

    private func isBeyond(_ place: SIMD2<Double>) -> Bool {
        switch self {
        case .alongNose: place.x > 0
        case .acrossBridge: place.y > -0.12
        case .belowNose: place.y > 0
        }
    }

    /// Of the cut whose sides shade least alike; `nil` where those of any cannot be compared.
    static func unevenness(
        of cuts: Cut..., shading: (_ isCounted: (SIMD2<Double>) -> Bool) -> Shading
    ) -> Double? {
        var most = -Double.infinity
        for cut in cuts {
            let beyond = shading(cut.isBeyond)
            guard let unevenness = shading({ !cut.isBeyond($0) }).unevenness(beside: beyond) else { return nil }
            most = max(most, unevenness)
        }
        return most
    }
}

/// How far the slopes of patches follow what a head would show, apart from what is linear over the face: a bent sheet's
/// shading is nearly that.
///
/// A patch's slope is compared with its rise, so that it does not matter how much of the room's light falls on it.
private struct ShadingShape {
    /// Columns: the rise times 1, x, y and the expected contrast, the difference, and 1.
    private var gram = Gram()
    /// The same columns by the noise that each row brings in.
    private var noises = Gram()
    private var patchCount = 0
    private var rise = 0.0

    mutating func add(_ patches: borrowing LightPatches, _ patch: Int, _ slope: PatchSlope, weight: Double) {
        let place = patches.place(patch)
        var row = SIMD16<Double>.zero
        (row[0], row[1], row[2], row[3]) = (1, place.x, place.y, patches.contrast(patch))
        row *= slope.rise
        (row[4], row[5]) = (slope.difference, 1)
        gram.add(row, weight: weight)
        noises.add(row, weight: weight * weight * slope.noise)
        patchCount += 1
        rise += slope.rise
    }

    /// `switched` is how many frames either of left and right was lit without the other.
    ///
    /// The error is what each patch's noise would make, and `common`, what all share; patches overlap and follow each other
    /// from frame to frame, so that sixteen are worth one.
    consuming func fit(beside common: Double, switched: Double) -> Shading {
        for column in 0..<3 { gram.eliminate(column) }
        for column in 0..<3 { noises.addColumn(column, times: -gram.coefficient(of: column, in: 3), to: 3) }
        let expected = max(gram[3, 3], 1e-9)
        let variance = (16 * max(noises[3, 3], 0) + gram[3, 5] * gram[3, 5] * common) / (expected * expected)
        return Shading(
            gain: gram[3, 4] / expected, error: (2 * variance / max(switched, 1)).squareRoot(), expected: expected,
            patchCount: patchCount, rise: rise / Double(max(patchCount, 1)),
            plane: [
                gram.coefficient(of: 0, in: 3), gram.coefficient(of: 1, in: 3), gram.coefficient(of: 2, in: 3),
            ])
    }
}
