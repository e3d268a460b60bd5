import Foundation
import Platform
import Presentations
import Simulator
import Trials

/// Shows honest persons, worn prints and replays that answer the challenge to the light challenge, with illuminators
/// from hardly visible to bright, and counts what it said.
func measureLightCurve(_ words: [String]) throws {
    let options = try Options(words, flags: ["--json"], values: ["--seeds", "--shard", "--trials", "--picture"])
    let kinds: [Arm.Kind] = [.honest(.office), .attack(.eyeholePrint), .attack(.chosenReplay)]
    let arms = kinds.flatMap { kind in LightPoint.shares.map { Arm(kind: kind, illuminatorShare: $0) } }
    let trials = try AttackRun(
        options, seeds: options.seeds(default: reportSeeds.lowerBound...reportSeeds.lowerBound + 19), arms: arms
    ).trials()
    let points = arms.compactMap { arm in trials[arm].flatMap { LightPoint(arm, $0) } }
    for point in points {
        if options.has("--json") { try printJSON(point) } else { print(point.text) }
    }
    if let path = options.values["--picture"] { try Chart(points).write(to: path) }
}

/// What the light challenge said of one kind of presentation under illuminators of one brightness.
private struct LightPoint: Encodable {
    static let shares = [0.03, 0.05, 0.07, 0.1, 0.15, 0.25, 0.4]

    let name: String
    let illuminatorShare: Double
    let trials: Int
    let passed: Share
    let failed: Share
    let undetermined: Share
    let notChecked: Share

    /// Of the trials in which a pattern was read; `nil` without any.
    init?(_ arm: Arm, _ trials: [Trial]) {
        let trials = trials.filter { $0.patterns > 0 }
        if trials.isEmpty { return nil }
        func share(_ word: String) -> Share { Share(trials.count { $0.layers["light"] == word }, of: trials.count) }
        (self.name, self.illuminatorShare, self.trials) = (arm.kindName, arm.illuminatorShare, trials.count)
        (self.passed, self.failed) = (share("passed"), share("failed"))
        (self.undetermined, self.notChecked) = (share("undetermined"), share("notChecked"))
    }

    /// Per cent of the presentations that it decided, either way.
    var decided: Double { Double(passed.count + failed.count) / Double(trials) * 100 }

    var text: String {
        """
        \(name), illuminator at \(illuminatorShare.asPercent) of the room's light, \(trials): \
        passed \(passed.text), failed \(failed.text), undetermined \(undetermined.count), not checked \(notChecked.count)
        """
    }
}

extension Chart {
    fileprivate init(_ points: [LightPoint]) {
        let ticks = LightPoint.shares.map { Axis.Tick(value: $0 * 100, text: String(format: "%.0f", $0 * 100)) }
        let names = points.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        self.init(
            title: "From where on the light challenge decides",
            horizontal: Axis(
                label: "one illuminator, per cent of the room's light on the face", range: 2.5...50,
                scale: .logarithmic, ticks: ticks),
            vertical: Axis("per cent of presentations that were decided", linear: 0...100, count: 10),
            series: names.map { name in
                let own = points.filter { $0.name == name }
                return Series(name: name, points: own.map { SIMD2($0.illuminatorShare * 100, $0.decided) })
            })
    }
}
