package import Biometrics

/// What a recogniser did on a list of labelled pairs (ISO/IEC 19795-1).
package struct PairSummary: Sendable, Encodable {
    /// The false non-match rate where the false match rate is at most `fmr`, with its exact 95 % interval.
    package struct OperatingPoint: Sendable {
        package let fmr: Double
        package let threshold: Double?
        package let fnmr: Double?
        package let interval: ExactInterval?
        /// Why there are no numbers.
        package let note: String?
    }

    /// What two given thresholds do: shares of the pairs, with exact 95 % intervals.
    package struct Decisions: Sendable {
        package let thresholds: ComparisonThresholds
        /// Of the pairs of different persons, those that match.
        package let falseMatch: Rate
        /// Of the pairs of one person, those that do not match.
        package let falseNonMatch: Rate
        /// Of all pairs, those that a human decides.
        package let refer: Rate
    }

    /// A counted share; no value without trials.
    package struct Rate: Sendable {
        package let value: Double?
        package let interval: ExactInterval

        init(_ events: Int, of trials: Int) {
            self.value = trials > 0 ? Double(events) / Double(trials) : nil
            self.interval = ExactInterval(events: events, trials: trials)
        }
    }

    /// Pairs in the list; `compared` of them have a template on both sides.
    package let pairs: Int
    package let mated: Int
    package let nonMated: Int
    package let pictures: Int
    /// Pictures that gave no template.
    package let failureToAcquire: Int
    package let accuracy: Double?
    package let standardError: Double?
    package let equalErrorRate: Double?
    package let points: [OperatingPoint]
    package let decisions: Decisions

    /// Pairs that the rates are made of.
    package var compared: Int { mated + nonMated }

    /// Sums up the distances of `list`'s pairs, in its order; `nil` where a picture gave no template.
    package init(
        _ distances: [Double?], of list: PairList, failureToAcquire: Int, thresholds: ComparisonThresholds
    ) {
        precondition(distances.count == list.pairs.count, "every pair has a distance or none")
        var folds = Array(repeating: [LabelledDistance](), count: list.foldCount)
        for (pair, distance) in zip(list.pairs, distances) {
            guard let distance else { continue }
            folds[pair.fold].append(LabelledDistance(distance: distance, isMated: pair.isMated))
        }
        let all = folds.flatMap { $0 }
        let tradeoff = ErrorTradeoff(all)
        let folded = foldedAccuracy(folds)
        self.pairs = list.pairs.count
        self.mated = tradeoff.mated.count
        self.nonMated = tradeoff.nonMated.count
        self.pictures = list.pictures.count
        self.failureToAcquire = failureToAcquire
        self.accuracy = folded?.accuracy
        self.standardError = folded?.standardError
        self.equalErrorRate = tradeoff.equalErrorRate
        self.points = [1e-2, 1e-3, 1e-4].map { OperatingPoint(fmr: $0, tradeoff) }
        self.decisions = Decisions(thresholds, all)
    }
}

extension ErrorTradeoff {
    package init(_ pairs: [LabelledDistance]) {
        self.init(
            mated: pairs.filter(\.isMated).map(\.distance), nonMated: pairs.filter { !$0.isMated }.map(\.distance))
    }
}

extension PairSummary.OperatingPoint {
    fileprivate init(fmr: Double, _ tradeoff: ErrorTradeoff) {
        let needed = trialsNeeded(forRate: fmr)
        let point = tradeoff.nonMated.count < needed ? nil : tradeoff.point(atFalseMatchRate: fmr)
        self.fmr = fmr
        self.threshold = point?.threshold
        self.fnmr = point?.fnmr
        self.interval = point?.interval
        self.note =
            if tradeoff.nonMated.count < needed {
                "needs at least \(needed) pairs of different persons"
            } else if point == nil {
                "needs pairs of the same person"
            } else {
                nil
            }
    }
}

extension PairSummary.Decisions {
    fileprivate init(_ thresholds: ComparisonThresholds, _ pairs: [LabelledDistance]) {
        func count(_ decision: ComparisonDecision, isMated: Bool) -> Int {
            pairs.count { $0.isMated == isMated && thresholds.decide(distance: $0.distance) == decision }
        }
        let mated = pairs.count(where: \.isMated)
        let undetermined = count(.undetermined, isMated: true) + count(.undetermined, isMated: false)
        self.thresholds = thresholds
        self.falseMatch = PairSummary.Rate(count(.match, isMated: false), of: pairs.count - mated)
        self.falseNonMatch = PairSummary.Rate(count(.nonMatch, isMated: true), of: mated)
        self.refer = PairSummary.Rate(undetermined, of: pairs.count)
    }
}
