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
    /// from which cylinders are made, 14 the shift, 15 the model.
    private enum Column {
        static let homography = 0..<8
        static let bendX = 8
        static let bendY = 11
        static let shift = 14
        static let model = 15
    }

    private var points = SecureArray<Point>(count: Places.capacity)
    private(set) var count = 0

    mutating func removeAll() { count = 0 }

    /// In face widths: a place from the tip of the nose, how far it shifted, and how far a head's would have.
    mutating func add(at place: SIMD2<Double>, shift: SIMD2<Double>, model: SIMD2<Double>) {
        points[count] = Point(place: place, shift: shift, model: model)
        count += 1
    }

    /// ⟨E, M⟩ and ⟨M, M⟩ of what remains beside the homography and the cylinder that explain the shifts best.
    mutating func sums() -> (agreement: Double, expected: Double) {
        for _ in 0..<6 { weigh() }
        let gram = gram()
        var best: (rest: Double, agreement: Double, expected: Double)?
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
            for column in Column.homography { bent.eliminate(column) }
            bent.eliminate(Column.bendX)
            bent.eliminate(Column.bendY)
            let rest = bent[Column.shift, Column.shift]
            if rest < best?.rest ?? .infinity {
                best = (rest, bent[Column.shift, Column.model], bent[Column.model, Column.model])
            }
        }
        return best.map { ($0.agreement, $0.expected) } ?? (0, 0)
    }

    private func gram() -> Gram {
        var gram = Gram()
        for index in 0..<count {
            let point = points[index]
            let (x, y) = (point.place.x, point.place.y)
            var row = SIMD16<Double>.zero
            (row[0], row[1], row[2], row[6], row[7]) = (1, x, y, x * x, x * y)
            (row[8], row[9], row[10], row[14], row[15]) = (x * x, x * y, y * y, point.shift.x, point.model.x)
            gram.add(row, weight: point.weight)
            row = .zero
            (row[3], row[4], row[5], row[6], row[7]) = (1, x, y, x * y, y * y)
            (row[11], row[12], row[13], row[14], row[15]) = (x * x, x * y, y * y, point.shift.y, point.model.y)
            gram.add(row, weight: point.weight)
        }
        return gram
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
