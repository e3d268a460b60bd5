import Evaluation
import Foundation
import Liveness
import Presentations

/// A count among others, with the exact 95 % interval of its rate.
struct Share: Encodable {
    let count: Int
    let low: Double
    let high: Double

    init(_ count: Int, of total: Int) {
        let interval = ExactInterval(events: count, trials: total)
        (self.count, self.low, self.high) = (count, interval.low, interval.high)
    }

    var text: String { "\(count) (\(Self.percent(low))–\(Self.percent(high)) %)" }

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
    /// Neither the one nor the other.
    let undecided: Share
    /// How many of these a clerk has to decide.
    let referred: Int
    /// For an attack, IAPAR: the whole system accepted it.
    let verified: Share
    let medianMilliseconds: Int
    let slowestMilliseconds: Int
    /// Verdicts, and the reasons given for those that are not `verified`.
    let verdicts: [String: Int]
    let reasons: [String: Int]
    /// How many presentations each layer called an attack.
    let caughtBy: [String: Int]
    /// What the light challenge said.
    let lightWords: [String: Int]
    /// Errors if one layer were missing.
    let errorsWithout: [String: Int]
    /// Errors if the policy verified without a light that cannot be read.
    let errorsWhereTried: Share

    /// `nil` without trials.
    init?(_ arm: Arm, _ trials: [Trial]) {
        if trials.isEmpty { return nil }
        switch arm.kind {
        case .attack(let species): (self.isAttack, self.isInjection) = (true, species.injection != nil)
        case .honest: (self.isAttack, self.isInjection) = (false, false)
        }
        let error: Trial.Decision = isAttack ? .bonaFide : .attack
        let times = trials.map(\.milliseconds).sorted()
        let layers = Set(trials.flatMap(\.layers.keys))
        func counts(_ words: [String]) -> [String: Int] { Dictionary(grouping: words) { $0 }.mapValues(\.count) }
        self.name = arm.name
        self.isUnlit = Arm.unlit.contains(arm)
        self.trials = trials.count
        self.classificationErrors = Share(trials.count { $0.decision == error }, of: trials.count)
        self.undecided = Share(trials.count { $0.decision == .none }, of: trials.count)
        self.referred = trials.count { $0.decision == .none && $0.verdict == "refer" }
        self.verified = Share(trials.count { $0.verdict == "verified" }, of: trials.count)
        self.medianMilliseconds = times[times.count / 2]
        self.slowestMilliseconds = times[times.count - 1]
        self.verdicts = counts(trials.map(\.verdict))
        self.reasons = counts(trials.flatMap(\.reasons))
        self.caughtBy = counts(trials.flatMap { $0.layers.filter { $0.value == "failed" }.map(\.key) })
        self.lightWords = counts(trials.compactMap { $0.layers["light"] })
        self.errorsWhereTried = Share(
            trials.count { $0.decision(demanding: .tried) == error }, of: trials.count)
        self.errorsWithout = Dictionary(
            uniqueKeysWithValues: layers.map { layer in
                (layer, trials.count { $0.decision(without: layer) == error })
            })
    }

    var text: String {
        let word = isAttack ? "APCER" : "BPCER"
        return """
            \(name): \(trials) presentations: \(listed(verdicts))
              \(word) \(classificationErrors.text), undecided \(undecided.text), verified \(verified.text)
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

extension Chart {
    /// One line per arm over its exact interval, and a dot at the rate itself.
    init(_ summaries: [ArmSummary]) {
        let count = Double(summaries.count)
        var intervals: [SIMD2<Double>?] = []
        var dots: [SIMD2<Double>?] = []
        for (index, summary) in summaries.enumerated() {
            let (height, errors) = (count - Double(index), summary.classificationErrors)
            intervals += [SIMD2(errors.low * 100, height), SIMD2(errors.high * 100, height), nil]
            dots.append(SIMD2(Double(errors.count) / Double(summary.trials) * 100, height))
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
