package import Platform

/// A biometric template: `dimensions` 32-bit floats in secure memory, never normalised, never written down.
package struct Template: ~Copyable, Sendable {
    package let dimensions: Int
    private var storage: SecureBytes

    /// The zero vector, ready to be summed into.
    package init(dimensions: Int) {
        self.dimensions = dimensions
        self.storage = SecureBytes(count: dimensions * 4, holding: .templates)
    }

    package subscript(index: Int) -> Float {
        borrowing get {
            precondition(index < dimensions, "a template of \(dimensions) has no element \(index)")
            return storage.withBytes { unsafe $0.unsafeLoad(fromByteOffset: index * 4, as: Float.self) }
        }
        set { storage.withMutableBytes { $0.storeBytes(of: newValue, toByteOffset: index * 4, as: Float.self) } }
    }

    /// Lends the elements: 32-bit floats in the machine's byte order.
    package borrowing func withElements<Result>(_ body: (borrowing SecureBytes) -> Result) -> Result { body(storage) }

    /// Euclidean distance, the metric of dlib's recognition network; 0 for equal templates.
    package borrowing func distance(to other: borrowing Template) -> Double {
        precondition(dimensions == other.dimensions, "templates of different networks cannot be compared")
        var sum = 0.0
        for index in 0..<dimensions {
            let difference = Double(self[index] - other[index])
            sum += difference * difference
        }
        return sum.squareRoot()
    }
}

/// Two distances that cut comparison scores into three decisions.
package struct ComparisonThresholds: Hashable, Sendable {
    /// Names the set in receipts and logs.
    package let name: String
    /// A distance below this is a match.
    package let match: Double
    /// A distance above this is a non-match.
    package let nonMatch: Double

    package init(name: String, match: Double, nonMatch: Double) {
        self.name = name
        self.match = match
        self.nonMatch = nonMatch
    }

    /// What is no number decides nothing.
    package func decide(distance: Double) -> ComparisonDecision {
        if distance < match { return .match }
        return distance > nonMatch ? .nonMatch : .undetermined
    }

    /// The least alike decide; where none is a non-match, before them what is no number.
    package func decide(distances: [Double]) -> ComparisonDecision {
        let decisions = distances.map { decide(distance: $0) }
        if decisions.contains(.nonMatch) { return .nonMatch }
        return decisions.isEmpty || decisions.contains(.undetermined) ? .undetermined : .match
    }
}

/// What the comparison of two templates says (ISO/IEC 2382-37); the score itself never leaves.
package enum ComparisonDecision: String, Hashable, Sendable, CaseIterable {
    case match, nonMatch
    /// Between the two thresholds: a human decides.
    case undetermined
}
