/// What was seen of a turned face's parallax E beside M, what a head would show, over all points and over parts.
package struct DepthSums: Hashable, Sendable {
    /// ⟨E, M⟩ and ⟨M, M⟩, squared face widths.
    package var agreement: Double
    package var expected: Double
    /// Of the parts of a face that paper may hide: beyond the nose to either side, and below its bridge.
    ///
    /// ⟨E, P⟩, ⟨P, P⟩ and ⟨P, M⟩, where P is M in the part and 0 elsewhere.
    package var partAgreement: SIMD3<Double>
    package var partExpected: SIMD3<Double>
    package var partShared: SIMD3<Double>

    package init(
        agreement: Double = 0, expected: Double = 0, partAgreement: SIMD3<Double> = .zero,
        partExpected: SIMD3<Double> = .zero, partShared: SIMD3<Double> = .zero
    ) {
        self.agreement = agreement
        self.expected = expected
        self.partAgreement = partAgreement
        self.partExpected = partExpected
        self.partShared = partShared
    }

    package static func += (sums: inout Self, other: Self) {
        sums.agreement += other.agreement
        sums.expected += other.expected
        sums.partAgreement += other.partAgreement
        sums.partExpected += other.partExpected
        sums.partShared += other.partShared
    }

    /// 1 for a head that turned as far as it seems, 0 for a sheet; `nil` where nothing was to be seen.
    package var gain: Double? { expected > 0 ? agreement / expected : nil }

    /// Whether a part shows much less of a head's relief than the rest, each with a gain of its own.
    ///
    /// Both gains solve two normal equations, and are compared times their determinant, which is never negative.
    package var isPartial: Bool {
        let restAgreement = agreement - partAgreement
        let part = partAgreement * restExpected - restAgreement * partMixed
        let rest = restAgreement * partExpected - partAgreement * partMixed
        return any(part .< Thresholds.Depth.partShares * rest .& (rest .> 0))
    }

    /// Whether every part has enough to be seen on that its gain means something.
    package var showsAllParts: Bool {
        let determinant = partExpected * restExpected - partMixed * partMixed
        return all(determinant .>= Thresholds.Depth.leastDeterminant * expected * expected)
    }

    package var isFinite: Bool {
        (agreement + expected + (partAgreement + partExpected + partShared).sum()).isFinite
    }

    /// ⟨R, R⟩ and ⟨P, R⟩ for R, what of M is not in the part.
    private var restExpected: SIMD3<Double> { expected - 2 * partShared + partExpected }
    private var partMixed: SIMD3<Double> { partShared - partExpected }
}
