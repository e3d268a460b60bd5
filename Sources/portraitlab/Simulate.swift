import Biometrics
import Cues
import Evaluation
import Foundation
import Frames
import Imaging
import Interface
import Liveness
import Pipeline
import Platform
import Ports
import Rendering
import Session
import Simulator
import Trials

/// Runs whole verifications of simulated persons in one thread, as fast as the machine allows.
func simulate(_ words: [String]) throws {
    let options = try Options(words, flags: ["--json"], values: ["--scenario", "--seeds"])
    let seeds = try options.seeds(default: 1000...1099)
    let name = options.values["--scenario"] ?? Scenario.willing.rawValue
    guard let scenario = Scenario(rawValue: name) else {
        throw LabFault.usage(
            "\(name) is no scenario; there are \(Scenario.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let pack = try options.pack()
    let portrait = try Portrait.astronaut(pack: options.packFolder)
    var bar = ProgressBar("verifications", total: Int(seeds.upperBound - seeds.lowerBound) + 1)
    var results: [SimulationResult] = []
    for seed in seeds {
        var setup = CounterSetup(scenario, seed: seed)
        // A relative was drawn of the photographed face.
        if scenario != .relative { setup.drawCarrier() }
        var run = try SimulatedVerification(setup, portrait: portrait, pack: pack)
        let result = SimulationResult(run.play())
        if options.has("--json") { try printJSON(result) }
        results.append(result)
        bar.advance()
    }
    let summary = SimulationSummary(results)
    if options.has("--json") { try printJSON(summary) } else { print(summary.text(scenario: scenario.rawValue)) }
}

/// Writes the ID portrait of a simulated person.
func writePortrait(_ words: [String]) throws {
    let options = try Options(words, flags: [], values: ["--seed"], mostInputs: 1)
    let path = try options.input("file name")
    let seed = UInt64(try options.number("--seed", default: 1000, in: 0...1e15))
    let portrait = try Portrait.astronaut(pack: options.packFolder)
    let jpeg = IDPortrait.jpeg(of: CounterSetup(seed: seed).person, in: portrait, seed: seed)
    let data = jpeg.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe Data($0) } }
    try data.write(to: URL(filePath: path))
}

/// Writes the frames of one verification as a Motion JPEG file.
func writeFilm(_ words: [String]) throws {
    let options = try Options(words, flags: [], values: ["--seed", "--species"], mostInputs: 1)
    let path = try options.input("file name")
    let seed = UInt64(try options.number("--seed", default: 1000, in: 0...1e15))
    let arms = try options.values["--species"] == nil ? [Arm(kind: .honest(.office))] : options.arms()
    let portrait = try Portrait.astronaut(pack: options.packFolder)
    var film = Data()
    for arm in arms {
        var run = try SimulatedVerification(arm.setup(seed: seed), portrait: portrait, pack: options.pack())
        _ = run.play { frame, _, _ in
            frame.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe film.append(contentsOf: $0) } }
        }
    }
    try film.write(to: URL(filePath: path))
}

func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// How one simulated verification ended.
struct SimulationResult: Encodable {
    let seed: UInt64
    let verdict: String
    let reasons: [String]
    let challenge: [String]
    /// What each layer said, by its name, in the receipt's words.
    let layers: [String: String]
    /// What the light challenge read, where it came to that.
    let light: LightFigures?
    let milliseconds: Int
    /// Whether lamp and camera were off at the end.
    let isDark: Bool
    /// What kept the device from deciding.
    let fault: String?

    init(_ played: PlayedVerification) {
        (seed, milliseconds, isDark) = (played.seed, Int(played.time.milliseconds), played.isDark)
        guard case .decided(let outcome)? = played.ending else {
            (verdict, reasons, challenge, layers, light) = ("error", [], [], [:], nil)
            fault = played.ending.map { "\($0)" } ?? "no end"
            return
        }
        (verdict, reasons) = (outcome.verdict.rawValue, outcome.reasons.map(\.rawValue))
        challenge = outcome.steps.map { "\($0.instruction.rawValue)\($0.responded ? "" : " (no response)")" }
        layers = Counter.Layers(outcome.layers).byName
        light = played.light.map { LightFigures($0.reading, of: $0.runs) }
        fault = nil
    }
}

/// A light reading for whoever sets thresholds, see `LightReading`.
struct LightFigures: Encodable {
    let left: Double
    let right: Double
    let shading: Double
    let shadingError: Double
    let unevenness: Double?
    let middleUnevenness: Double?
    let shadingSpread: Double
    let frontShading: Double
    let misfit: Double
    let patches: Int
    let frames: Int
    let expectedRise: Double?
    /// How many patterns were played, and how long the first took.
    let patterns: Int
    let milliseconds: Int

    init(_ reading: LightReading, of runs: [[LightSwitch]]) {
        (left, right, misfit) = (reading.left, reading.right, reading.misfit)
        (shading, shadingError) = (reading.shading, reading.shadingError)
        (unevenness, middleUnevenness) = (reading.unevenness, reading.middleUnevenness)
        (shadingSpread, frontShading) = (reading.shadingSpread, reading.frontShading)
        (patches, frames, expectedRise) = (reading.patchCount, reading.frameCount, reading.expectedRise)
        patterns = runs.count
        milliseconds = runs.first.map(Self.milliseconds) ?? 0
    }

    /// The last state, whose end is not kept, lasts as long as the others.
    private static func milliseconds(_ run: [LightSwitch]) -> Int {
        guard run.count > 1, let first = run.first, let last = run.last else { return 0 }
        return Int((last.begin - first.begin).milliseconds) * run.count / (run.count - 1)
    }
}

/// The results of many seeds.
struct SimulationSummary: Encodable {
    let summary = true
    let runs: Int
    let verdicts: [String: Int]
    let medianMilliseconds: Int
    let slowestMilliseconds: Int
    let leftOn: Int
    /// Exact 95 % interval of the share that was verified.
    let verifiedLow: Double
    let verifiedHigh: Double

    init(_ results: [SimulationResult]) {
        let times = results.map(\.milliseconds).sorted()
        self.runs = results.count
        self.verdicts = Dictionary(grouping: results, by: \.verdict).mapValues(\.count)
        self.medianMilliseconds = Int((median(times.map(Double.init)) ?? 0).rounded())
        self.slowestMilliseconds = times.last ?? 0
        self.leftOn = results.count { !$0.isDark }
        let interval = ExactInterval(events: verdicts["verified"] ?? 0, trials: results.count)
        self.verifiedLow = interval.low
        self.verifiedHigh = interval.high
    }

    func text(scenario: String) -> String {
        let counts = verdicts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        func percent(_ share: Double) -> Double { (share * 1000).rounded() / 10 }
        return """
            \(scenario): \(runs) verifications: \(counts)
            verified: 95 % interval \(percent(verifiedLow))–\(percent(verifiedHigh)) %
            time to verdict: median \(Double(medianMilliseconds) / 1000) s, longest \(Double(slowestMilliseconds) / 1000) s
            left on: \(leftOn)
            """
    }
}
