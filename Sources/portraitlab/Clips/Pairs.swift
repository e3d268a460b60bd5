import Biometrics
import Evaluation
import Faces
import Foundation
import Platform

/// Measures recognition on labelled pairs of pictures.
func pairs(_ words: [String]) throws {
    let options = try Options(
        words, flags: ["--json"], values: ["--root", "--lfw", "--protocol", "--picture"], mostInputs: 1)
    let (list, folder) = try readPairs(options)
    let root = options.values["--root"] ?? folder
    let pack = try options.pack()
    var templates = try PictureTemplates(of: list.pictures, in: root, pack: pack)
    try templates.fill()
    let distances = list.pairs.map { templates.distance($0.first, $0.second) }
    let summary = PairSummary(
        distances, of: list, failureToAcquire: templates.failures.count, thresholds: pack.thresholds)
    for failure in templates.failures { Console.writeError("portraitlab: no template of \(failure)\n") }
    if options.has("--json") { try printJSON(summary) } else { print(summary.text) }
    if let path = options.values["--picture"] {
        let compared = zip(list.pairs, distances).compactMap { pair, distance in
            distance.map { LabelledDistance(distance: $0, isMated: pair.isMated) }
        }
        try Chart.det(compared, pack.thresholds).write(to: path)
    }
}

/// The list that the options name, and the folder that it is in.
private func readPairs(_ options: Options) throws(LabFault) -> (PairList, folder: String) {
    let lfw = options.values["--lfw"]
    if lfw != nil, let word = options.inputs.first { throw .usage("\(word) is one input too many beside --lfw") }
    let order: FoldOrder
    switch options.values["--protocol"] {
    case nil: order = .interleaved
    case "lfw": order = .consecutive
    case .some(let name): throw .usage("\(name) is no protocol; there is lfw")
    }
    let path = if let lfw { lfw } else { try options.input("list of pairs") }
    guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
        throw LabFault(problem: "\(path) cannot be read as text.")
    }
    do throws(PairListFault) {
        let list = try lfw == nil ? PairList(csv: text, folds: order) : PairList(lfw: text)
        return (list, URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false))
    } catch {
        throw LabFault(problem: "\(path), \(error)")
    }
}

extension PairSummary {
    fileprivate var text: String {
        var lines = [
            "\(pairs) pairs of \(pictures) pictures; \(failureToAcquire) pictures gave no template",
            "compared: \(mated) of one person, \(nonMated) of different persons",
        ]
        if let accuracy, let standardError {
            lines.append("accuracy over folds  \(percent(accuracy)) ± \(percent(standardError)) (standard error)")
        }
        if let equalErrorRate { lines.append("equal error rate     \(percent(equalErrorRate))") }
        for point in points {
            lines.append("FNMR at FMR \(percent(point.fmr))  \(point.text)")
        }
        let (match, nonMatch) = (decisions.thresholds.match, decisions.thresholds.nonMatch)
        lines += [
            "thresholds of \(decisions.thresholds.name): match below \(match), non-match above \(nonMatch)",
            "  false matches      \(decisions.falseMatch.text)",
            "  false non-matches  \(decisions.falseNonMatch.text)",
            "  left to a human    \(decisions.refer.text)",
        ]
        return lines.joined(separator: "\n")
    }
}

extension PairSummary.OperatingPoint {
    fileprivate var text: String {
        guard let threshold, let fnmr, let interval else { return note ?? "" }
        return "\(percent(fnmr)) \(interval.text), threshold \((threshold * 10_000).rounded() / 10_000)"
    }
}

extension PairSummary.Rate {
    fileprivate var text: String { value.map { "\(percent($0)) \(interval.text)" } ?? "–" }
}

extension ExactInterval {
    fileprivate var text: String { "(95 %: \(percent(low))–\(percent(high)))" }
}

private func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }

extension Chart {
    /// The detection error trade-off (Martin et al., Eurospeech 1997), with what the thresholds do on it.
    fileprivate static func det(_ pairs: [LabelledDistance], _ thresholds: ComparisonThresholds) -> Chart {
        let tradeoff = ErrorTradeoff(pairs)
        let horizontal = Axis(rate: "False match rate", trials: tradeoff.nonMated.count)
        let vertical = Axis(rate: "False non-match rate", trials: tradeoff.mated.count)
        func place(_ falseMatchRate: Double, _ falseNonMatchRate: Double) -> SIMD2<Double> {
            SIMD2(
                max(falseMatchRate, horizontal.range.lowerBound), max(falseNonMatchRate, vertical.range.lowerBound))
        }
        func dot(_ name: String, _ threshold: Double) -> Series {
            let point = place(
                tradeoff.falseMatchRate(at: threshold), tradeoff.falseNonMatchRate(at: threshold))
            return Series(name: "\(name) threshold \(threshold)", points: [point], style: .dots)
        }
        return Chart(
            title: "\(tradeoff.mated.count) pairs of one person, \(tradeoff.nonMated.count) of different persons",
            horizontal: horizontal, vertical: vertical,
            series: [
                Series(
                    name: "every threshold",
                    points: tradeoff.curve.map { place($0.falseMatchRate, $0.falseNonMatchRate) }),
                dot("match", thresholds.match), dot("non-match", thresholds.nonMatch),
            ])
    }
}

extension Chart.Axis {
    /// From half an error in `trials`, where no error at all is drawn, to a half of them.
    fileprivate init(rate label: String, trials: Int) {
        let one = 1 / Double(max(trials, 4))
        let round = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5].filter { $0 >= one }
        self.init(
            label: label, range: one / 2...0.5, scale: .probit,
            ticks: [Tick(value: one / 2, text: "0")]
                + round.map { Tick(value: $0, text: String(format: "%g %%", $0 * 100)) })
    }
}
