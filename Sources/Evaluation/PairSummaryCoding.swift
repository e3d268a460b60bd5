import Biometrics

// What is missing is written as `null`, so that every object has every member.

extension PairSummary {
    private enum CodingKeys: String, CodingKey {
        case pairs, compared, mated, nonMated, pictures, failureToAcquire, accuracy, standardError
        case equalErrorRate = "eer"
        case points = "thresholds"
        case decisions = "pack"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(pairs, forKey: .pairs)
        try container.encode(compared, forKey: .compared)
        try container.encode(mated, forKey: .mated)
        try container.encode(nonMated, forKey: .nonMated)
        try container.encode(pictures, forKey: .pictures)
        try container.encode(failureToAcquire, forKey: .failureToAcquire)
        try container.encode(accuracy, forKey: .accuracy)
        try container.encode(standardError, forKey: .standardError)
        try container.encode(equalErrorRate, forKey: .equalErrorRate)
        try container.encode(points, forKey: .points)
        try container.encode(decisions, forKey: .decisions)
    }
}

extension PairSummary.OperatingPoint: Encodable {
    private enum CodingKeys: CodingKey { case fmr, threshold, fnmr, low, high, note }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(fmr, forKey: .fmr)
        try container.encode(threshold, forKey: .threshold)
        try container.encode(fnmr, forKey: .fnmr)
        try container.encode(interval?.low, forKey: .low)
        try container.encode(interval?.high, forKey: .high)
        try container.encodeIfPresent(note, forKey: .note)
    }
}

extension PairSummary.Decisions: Encodable {
    private enum CodingKeys: CodingKey {
        case name, match, nonMatch
        case falseMatchRate, falseMatchInterval, falseNonMatchRate, falseNonMatchInterval, referRate, referInterval
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(thresholds.name, forKey: .name)
        try container.encode(thresholds.match, forKey: .match)
        try container.encode(thresholds.nonMatch, forKey: .nonMatch)
        try container.encode(falseMatch.value, forKey: .falseMatchRate)
        try container.encode(falseMatch.interval.bounds, forKey: .falseMatchInterval)
        try container.encode(falseNonMatch.value, forKey: .falseNonMatchRate)
        try container.encode(falseNonMatch.interval.bounds, forKey: .falseNonMatchInterval)
        try container.encode(refer.value, forKey: .referRate)
        try container.encode(refer.interval.bounds, forKey: .referInterval)
    }
}

extension ExactInterval {
    fileprivate var bounds: [Double] { [low, high] }
}
