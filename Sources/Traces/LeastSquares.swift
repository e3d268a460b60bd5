import Imaging

/// Weighted sums of products of 16 columns: all that least squares needs to know of any number of rows.
struct Gram {
    private var rows = InlineArray<16, SIMD16<Double>>(repeating: .zero)

    mutating func add(_ row: SIMD16<Double>, weight: Double = 1) {
        for index in 0..<16 { rows[index] += row * (row[index] * weight) }
    }

    subscript(row: Int, column: Int) -> Double { rows[row][column] }

    /// Adds `factor` times column `source` to column `target`, in every row that was or would have been added.
    mutating func addColumn(_ source: Int, times factor: Double, to target: Int) {
        rows[target] += rows[source] * factor
        for index in 0..<16 { rows[index][target] += rows[index][source] * factor }
    }

    /// Takes out of all other columns what `column` explains of them (Gauss and Jordan's step).
    ///
    /// A column that the ones before have explained wholly has nothing more to take.
    mutating func eliminate(_ column: Int) {
        let pivot = rows[column]
        guard pivot[column] > 1e-12 else { return }
        for index in 0..<16 where index != column {
            rows[index] -= pivot * (rows[index][column] / pivot[column])
        }
    }

    /// What `column`, one of those that were eliminated, contributes to `target`.
    func coefficient(of column: Int, in target: Int) -> Double {
        rows[column][column] > 1e-12 ? rows[column][target] / rows[column][column] : 0
    }
}

/// The projective map that carries points onto others with the least squared algebraic error.
struct HomographyFit {
    private var gram = Gram()

    /// Both around 0 and about 1 in size.
    mutating func add(_ from: SIMD2<Double>, onto to: SIMD2<Double>) {
        var row = SIMD16<Double>.zero
        (row[0], row[1], row[2]) = (from.x, from.y, 1)
        (row[6], row[7], row[8]) = (-to.x * from.x, -to.x * from.y, to.x)
        gram.add(row)
        row = .zero
        (row[3], row[4], row[5]) = (from.x, from.y, 1)
        (row[6], row[7], row[8]) = (-to.y * from.x, -to.y * from.y, to.y)
        gram.add(row)
    }

    consuming func solve() -> ProjectiveMap {
        for column in 0..<8 { gram.eliminate(column) }
        let numbers = (0..<8).reduce(into: SIMD8<Double>.zero) { $0[$1] = gram.coefficient(of: $1, in: 8) }
        let affine = AffineMap(
            a: numbers[0], b: numbers[1], tx: numbers[2], c: numbers[3], d: numbers[4], ty: numbers[5])
        return ProjectiveMap(affine, e: numbers[6], f: numbers[7])
    }
}
