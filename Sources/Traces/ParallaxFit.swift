import Cues
import Glibc

/// Takes out of shifts what a sheet can do, flat or bent, and compares the rest with what a head would do.
struct ParallaxFit: ~Copyable {
    struct Point {
        let place: SIMD2<Double>
        let shift: SIMD2<Double>
        let model: SIMD2<Double>
        var weight = 1.0
    }

    /// Columns of the sums: 0...7 the tangent of a homography, 8...10 and 11...13 x², xy and y² in either coordinate,
    /// from which cylinders are made, 14 the shift, 15 the model; beside one cylinder, what of the model is in each part,
    /// in place of columns that it does not need.
    private enum Column {
        static let homography = 0..<8
        static let bendX = 8
        static let bendY = 11
        static let parts = SIMD3(9, 10, 12)
        static let shift = 14
        static let model = 15
    }

    /// Face widths from the tip of the nose: what lies farther to a side, and what lies lower.
    private static let aside = 0.08
    private static let below = -0.12

    private var points = SecureArray<Point>(count: Places.capacity)
    private(set) var count = 0

    mutating func removeAll() { count = 0 }

    /// In face widths: a place from the tip of the nose, how far it shifted, and how far a head's would have.
    mutating func add(at place: SIMD2<Double>, shift: SIMD2<Double>, model: SIMD2<Double>) {
        points[count] = Point(place: place, shift: shift, model: model)
        count += 1
    }

    /// What remains beside the homography and the cylinder that explain the shifts best.
    mutating func sums() -> DepthSums {
        for _ in 0..<6 { weigh() }
        let gram = gram()
        var best = (rest: Double.infinity, angle: 0.0)
        for step in 0..<12 {
            let angle = Double(step) * .pi / 12
            var bent = gram
            // (x cos φ + y sin φ)² in the columns of x²; those of xy and y² are not used any more.
            for column in [Column.bendX, Column.bendY] {
                let (squares, mixed) = (cos(angle) * cos(angle), 2 * cos(angle) * sin(angle))
                bent.addColumn(column, times: squares - 1, to: column)
                bent.addColumn(column + 1, times: mixed, to: column)
                bent.addColumn(column + 2, times: sin(angle) * sin(angle), to: column)
            }
            Self.takeOutSheet(of: &bent)
            let rest = bent[Column.shift, Column.shift]
            if rest < best.rest { best = (rest, angle) }
        }
        return sums(besideBendAlong: best.angle)
    }

    private func sums(besideBendAlong angle: Double) -> DepthSums {
        var gram = Gram()
        for index in 0..<count {
            let point = points[index]
            let across = point.place.x * cos(angle) + point.place.y * sin(angle)
            let parts = Self.parts(at: point.place)
            var (x, y) = Self.rows(of: point)
            (x[Column.bendX], y[Column.bendY]) = (across * across, across * across)
            for part in 0..<3 {
                x[Column.parts[part]] = parts[part] * point.model.x
                y[Column.parts[part]] = parts[part] * point.model.y
            }
            gram.add(x, weight: point.weight)
            gram.add(y, weight: point.weight)
        }
        Self.takeOutSheet(of: &gram)
        var sums = DepthSums(
            agreement: gram[Column.shift, Column.model], expected: gram[Column.model, Column.model])
        for part in 0..<3 {
            let column = Column.parts[part]
            sums.partAgreement[part] = gram[column, Column.shift]
            sums.partExpected[part] = gram[column, column]
            sums.partShared[part] = gram[column, Column.model]
        }
        return sums
    }

    /// 1 for each of `DepthSums`' parts in which a place lies.
    private static func parts(at place: SIMD2<Double>) -> SIMD3<Double> {
        let isIn = SIMD3(-place.x, place.x, place.y) .> SIMD3(aside, aside, below)
        return SIMD3<Double>.zero.replacing(with: 1, where: isIn)
    }

    private static func takeOutSheet(of gram: inout Gram) {
        for column in Column.homography { gram.eliminate(column) }
        gram.eliminate(Column.bendX)
        gram.eliminate(Column.bendY)
    }

    private func gram() -> Gram {
        var gram = Gram()
        for index in 0..<count {
            let (x, y) = Self.rows(of: points[index])
            gram.add(x, weight: points[index].weight)
            gram.add(y, weight: points[index].weight)
        }
        return gram
    }

    private static func rows(of point: Point) -> (SIMD16<Double>, SIMD16<Double>) {
        let (x, y) = (point.place.x, point.place.y)
        var (first, second) = (SIMD16<Double>.zero, SIMD16<Double>.zero)
        (first[0], first[1], first[2], first[6], first[7]) = (1, x, y, x * x, x * y)
        (first[8], first[9], first[10], first[14], first[15]) = (x * x, x * y, y * y, point.shift.x, point.model.x)
        (second[3], second[4], second[5], second[6], second[7]) = (1, x, y, x * y, y * y)
        (second[11], second[12], second[13], second[14], second[15]) = (
            x * x, x * y, y * y, point.shift.y, point.model.y
        )
        return (first, second)
    }

    /// Huber's weights (1964) from the residuals of homography and model together.
    private mutating func weigh() {
        var gram = gram()
        for column in Column.homography { gram.eliminate(column) }
        gram.eliminate(Column.model)
        func part(_ column: Int) -> Double { gram.coefficient(of: column, in: Column.shift) }
        var residuals = InlineArray<140, Double>(repeating: 0)
        for index in 0..<count {
            let point = points[index]
            let (x, y) = (point.place.x, point.place.y)
            let bent = part(6) * x + part(7) * y
            let fitted = SIMD2(
                part(0) + part(1) * x + part(2) * y + bent * x, part(3) + part(4) * x + part(5) * y + bent * y)
            let rest = point.shift - fitted - point.model * part(Column.model)
            residuals[index] = (rest * rest).sum().squareRoot()
        }
        let limit = 1.5 * (1.48 * median(residuals) + 1e-4)
        for index in 0..<count { points[index].weight = min(1, limit / max(residuals[index], 1e-9)) }
    }

    private func median(_ values: InlineArray<140, Double>) -> Double {
        var sorted = values
        for index in 1..<max(count, 1) {
            let value = sorted[index]
            var place = index
            while place > 0, sorted[place - 1] > value {
                sorted[place] = sorted[place - 1]
                place -= 1
            }
            sorted[place] = value
        }
        return sorted[count / 2]
    }
}
