import Evaluation
import Foundation
import Liveness
import Presentations
import Trials

/// A count among others, with the exact 95 % interval of its rate.
struct Share: Encodable {
    let count: Int
    let total: Int
    let low: Double
    let high: Double

    init(_ count: Int, of total: Int) {
        let interval = ExactInterval(events: count, trials: total)
        (self.count, self.total, self.low, self.high) = (count, total, interval.low, interval.high)
    }

    /// Of several arms together.
    init(_ shares: [Share]) {
        self.init(shares.reduce(0) { $0 + $1.count }, of: shares.reduce(0) { $0 + $1.total })
    }

    var rate: Double { total == 0 ? 0 : Double(count) / Double(total) }

    var text: String { "\(count): \(Self.percent(rate)) % (\(Self.percent(low))–\(Self.percent(high)))" }

    private static func percent(_ share: Double) -> String { String(format: "%.1f", share * 100) }
}

/// What came of the trials of one arm, in the words of ISO/IEC 30107-3; all shares are of all its presentations.
struct ArmSummary: Encodable {
    let name: String
    let isAttack: Bool
    /// Whether pictures were put in the camera's place, which ISO/IEC 30107 leaves out.
    let isInjection: Bool
    /// Whether the illuminators were too weak for the light challenge.
    let isUnlit: Bool
    let trials: Int
    /// APCER for an attack, BPCER for honest persons: taken for the other.
    let classificationErrors: Share
    /// Taken for what it was.
    let recognised: Share
    /// APNRR or BPNRR: what was asked was not done, or not in time.
    let nonResponses: Share
    /// Of the others, those that were not taken for what they were, by whatever decision.
    let unrecognised: Share
    let undetermined: Share
    /// Left to a clerk, for whatever reason.
    let referred: Share
    /// For an attack, IAPAR: the whole system accepted it.
    let verified: Share
    /// Of those, whose light could not be read.
    let verifiedUnread: Int
    /// Non-responses that ended because the track broke twice.
    let lostFaces: Int
    /// Errors if the policy verified without a light that cannot be read.
    let errorsWhereTried: Share
    let medianMilliseconds: Int
    let slowestMilliseconds: Int
    /// How many presentations had the light challenge, and how many of these two patterns.
    let litTrials: Int
    let twicePlayed: Int
    /// Verdicts, and the reasons given for those that are not `verified`.
    let verdicts: [String: Int]
    let reasons: [String: Int]
    /// What the light challenge said; `notRead` where it was broken off.
    let lightWords: [String: Int]
    /// What each layer did, by its name.
    let layers: [String: LayerSummary]

    /// `nil` without trials.
    init?(_ arm: Arm, _ trials: [Trial]) {
        if trials.isEmpty { return nil }
        switch arm.kind {
        case .attack(let species): (self.isAttack, self.isInjection) = (true, species.injection != nil)
        case .honest: (self.isAttack, self.isInjection) = (false, false)
        }
        let (error, truth): (Trial.Outcome, Trial.Outcome) = isAttack ? (.bonaFide, .attack) : (.attack, .bonaFide)
        let mistake: Trial.Decision = isAttack ? .bonaFide : .attack
        let times = trials.map(\.milliseconds).sorted()
        func counts(_ words: [String]) -> [String: Int] { Dictionary(grouping: words) { $0 }.mapValues(\.count) }
        func share(_ isCounted: (Trial) -> Bool) -> Share { Share(trials.count(where: isCounted), of: trials.count) }
        self.name = arm.name
        self.isUnlit = Arm.unlit.contains(arm)
        self.trials = trials.count
        self.classificationErrors = share { $0.outcome == error }
        self.recognised = share { $0.outcome == truth }
        self.nonResponses = share { $0.outcome == .nonResponse }
        let responses = trials.filter { $0.outcome != .nonResponse }
        self.unrecognised = Share(responses.count { $0.outcome != truth }, of: responses.count)
        self.undetermined = share { $0.outcome == .undetermined }
        self.referred = share { $0.verdict == "refer" }
        self.verified = share { $0.verdict == "verified" }
        self.verifiedUnread = trials.count { $0.verdict == "verified" && $0.layers["light"] == "notChecked" }
        self.lostFaces = trials.count { $0.outcome == .nonResponse && $0.reasons.contains("trackBroken") }
        self.errorsWhereTried = share { $0.decision(demanding: .tried) == mistake }
        self.medianMilliseconds = Int((median(times.map(Double.init)) ?? 0).rounded())
        self.slowestMilliseconds = times[times.count - 1]
        self.litTrials = trials.count { $0.patterns > 0 }
        self.twicePlayed = trials.count { $0.patterns > 1 }
        self.verdicts = counts(trials.map(\.verdict))
        self.reasons = counts(trials.flatMap(\.reasons))
        self.lightWords = counts(trials.compactMap { $0.patterns == 0 ? "notRead" : $0.layers["light"] })
        self.layers = Dictionary(
            uniqueKeysWithValues: Set(trials.flatMap(\.layers.keys)).map { layer in
                (layer, LayerSummary(layer, trials, error: mistake))
            })
    }

    /// How many presentations each layer called an attack.
    var caughtBy: [String: Int] { layers.mapValues(\.caught).filter { $0.value > 0 } }

    var text: String {
        let word = isAttack ? "AP" : "BP"
        return """
            \(name), \(trials) presentations: \(listed(verdicts))
              \(word)CER \(classificationErrors.text), \(word)NRR \(nonResponses.text), verified \(verified.text)
              time to verdict: median \(seconds(medianMilliseconds)) s, longest \(seconds(slowestMilliseconds)) s
              reasons: \(listed(reasons)); called an attack by: \(listed(caughtBy))
            """
    }

    func seconds(_ milliseconds: Int) -> String { String(format: "%.1f", Double(milliseconds) / 1000) }

    /// The most frequent first.
    func listed(_ counts: [String: Int]) -> String {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.isEmpty ? "–" : sorted.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}

/// What one layer did in the trials of an arm.
struct LayerSummary: Encodable {
    /// Called an attack by it, and by no other.
    let caught: Int
    let caughtAlone: Int
    /// Errors without it, where the policy demands the light and where it only tries.
    let errorsWithout: Int
    let errorsWithoutWhereTried: Int

    init(_ layer: String, _ trials: [Trial], error: Trial.Decision) {
        let found = trials.map { $0.layers.filter { $0.value == "failed" }.map(\.key) }
        self.caught = found.count { $0.contains(layer) }
        self.caughtAlone = found.count { $0 == [layer] }
        self.errorsWithout = trials.count { $0.decision(without: layer, demanding: .yes) == error }
        self.errorsWithoutWhereTried = trials.count { $0.decision(without: layer, demanding: .tried) == error }
    }

    /// Of several arms together.
    init(_ summaries: [LayerSummary]) {
        self.caught = summaries.reduce(0) { $0 + $1.caught }
        self.caughtAlone = summaries.reduce(0) { $0 + $1.caughtAlone }
        self.errorsWithout = summaries.reduce(0) { $0 + $1.errorsWithout }
        self.errorsWithoutWhereTried = summaries.reduce(0) { $0 + $1.errorsWithoutWhereTried }
    }
}

extension Chart {
    /// One line per arm over its exact interval, and a dot at the rate itself.
    init(_ summaries: [ArmSummary]) {
        let count = Double(summaries.count)
        var intervals: [SIMD2<Double>?] = []
        var dots: [SIMD2<Double>?] = []
        for (index, summary) in summaries.enumerated() {
            let (height, errors) = (count - Double(index), summary.classificationErrors)
            intervals += [SIMD2(errors.low * 100, height), SIMD2(errors.high * 100, height), nil]
            dots.append(SIMD2(errors.rate * 100, height))
        }
        let ticks = summaries.enumerated().map { Axis.Tick(value: count - Double($0), text: $1.name) }
        self.init(
            title: "APCER of each species, BPCER of each condition",
            horizontal: Axis("per cent of presentations", linear: 0...100, count: 10),
            vertical: Axis(label: "", range: 0...count + 1, ticks: ticks),
            series: [
                Series(name: "95 % interval", points: intervals), Series(name: "rate", points: dots, style: .dots),
            ],
            height: 120 + count * 22)
    }
}
