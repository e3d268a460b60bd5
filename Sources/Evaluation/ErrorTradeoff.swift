/// The errors of a verification algorithm over labelled pairs (ISO/IEC 19795-1); small distances match.
package struct ErrorTradeoff: Sendable {
    /// Distances of pairs that show the same person, in ascending order.
    package let mated: [Double]
    /// Distances of pairs that show different persons, in ascending order.
    package let nonMated: [Double]

    package init(mated: [Double], nonMated: [Double]) {
        self.mated = mated.sorted()
        self.nonMated = nonMated.sorted()
    }

    /// The share of non-mated pairs below `threshold`.
    package func falseMatchRate(at threshold: Double) -> Double {
        nonMated.isEmpty ? 0 : Double(countBelow(threshold, nonMated)) / Double(nonMated.count)
    }

    /// The share of mated pairs that are not below `threshold`.
    package func falseNonMatchRate(at threshold: Double) -> Double {
        mated.isEmpty ? 0 : 1 - Double(countBelow(threshold, mated)) / Double(mated.count)
    }

    /// The largest threshold whose false match rate does not exceed `rate`; `nil` without non-mated pairs.
    package func threshold(forFalseMatchRate rate: Double) -> Double? {
        guard !nonMated.isEmpty else { return nil }
        return nonMated[min(Int(rate * Double(nonMated.count)), nonMated.count - 1)]
    }

    /// Both rates at every threshold at which one of them changes, from strict to lax; the DET curve.
    package var curve: [(falseMatchRate: Double, falseNonMatchRate: Double)] {
        var thresholds = (mated + nonMated).sorted()
        if let last = thresholds.last { thresholds.append(last.nextUp) }
        return thresholds.indices.filter { $0 == 0 || thresholds[$0] != thresholds[$0 - 1] }
            .map { (falseMatchRate(at: thresholds[$0]), falseNonMatchRate(at: thresholds[$0])) }
    }

    /// Where both errors are equal: the mean of the two at the threshold at which they differ least.
    package var equalErrorRate: Double? {
        guard !mated.isEmpty, !nonMated.isEmpty else { return nil }
        return curve.min {
            abs($0.falseMatchRate - $0.falseNonMatchRate) < abs($1.falseMatchRate - $1.falseNonMatchRate)
        }
        .map { ($0.falseMatchRate + $0.falseNonMatchRate) / 2 }
    }

    /// The false non-match rate at a false match rate, with its exact interval.
    package func point(atFalseMatchRate rate: Double) -> (threshold: Double, fnmr: Double, interval: ExactInterval)? {
        guard let threshold = threshold(forFalseMatchRate: rate), !mated.isEmpty else { return nil }
        let errors = mated.count - countBelow(threshold, mated)
        let interval = ExactInterval(events: errors, trials: mated.count)
        return (threshold, Double(errors) / Double(mated.count), interval)
    }

    /// How many of the ascending `values` are below `limit`.
    private func countBelow(_ limit: Double, _ values: [Double]) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// One labelled comparison.
package struct LabelledDistance: Hashable, Sendable {
    package let distance: Double
    package let isMated: Bool

    package init(distance: Double, isMated: Bool) {
        self.distance = distance
        self.isMated = isMated
    }
}

/// Accuracy over folds, each with the threshold that is best on the others (Huang et al., LFW, 2007).
///
/// Returns the mean and its standard error; `nil` for fewer than two folds.
package func foldedAccuracy(_ folds: [[LabelledDistance]]) -> (accuracy: Double, standardError: Double)? {
    guard folds.count > 1, folds.allSatisfy({ !$0.isEmpty }) else { return nil }
    let accuracies = folds.indices.map { index in
        let others = folds.indices.filter { $0 != index }.flatMap { folds[$0] }
        return accuracy(of: folds[index], at: bestThreshold(of: others))
    }
    let count = Double(accuracies.count)
    let mean = accuracies.reduce(0, +) / count
    let variance = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return (mean, (variance / count).squareRoot())
}

private func accuracy(of pairs: [LabelledDistance], at threshold: Double) -> Double {
    Double(pairs.count { ($0.distance < threshold) == $0.isMated }) / Double(pairs.count)
}

/// The threshold with the most right decisions, in one pass over the sorted distances.
private func bestThreshold(of pairs: [LabelledDistance]) -> Double {
    var right = pairs.count { !$0.isMated }
    var (best, threshold) = (right, 0.0)
    for pair in pairs.sorted(by: { $0.distance < $1.distance }) {
        right += pair.isMated ? 1 : -1
        if right > best { (best, threshold) = (right, pair.distance.nextUp) }
    }
    return threshold
}
