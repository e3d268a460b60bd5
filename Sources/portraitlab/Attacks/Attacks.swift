import Faces
import Foundation
import Platform
import Rendering
import Service
import Trials

/// The seeds of the attack report: no threshold is drawn on them.
let reportSeeds: ClosedRange<UInt64> = 28_000...28_399

/// Presents every species and every honest condition to whole verifications, and counts what came of it.
func measureAttacks(_ words: [String]) throws {
    let options = try Options(
        words, flags: ["--json", "--stored"],
        values: ["--seeds", "--shard", "--species", "--trials", "--picture", "--report"])
    let seeds = try options.seeds(default: reportSeeds)
    let arms = try options.arms()
    let run = try AttackRun(options, seeds: seeds, arms: arms)
    let trials = try run.trials()
    let summaries = arms.compactMap { arm in trials[arm].flatMap { ArmSummary(arm, $0) } }
    if options.has("--json") {
        for summary in summaries { try printJSON(summary) }
    } else {
        for summary in summaries { print(summary.text) }
    }
    if let path = options.values["--picture"] { try Chart(summaries).write(to: path) }
    if let path = options.values["--report"] {
        let report = AttackReport(
            summaries: summaries, faces: FaceSummary.all(trials),
            command: "portraitlab attacks \(words.joined(separator: " "))",
            seeds: seeds, origin: run.origin)
        try Data(report.text.utf8).write(to: URL(filePath: path))
    }
}

/// The verifications of one call, of which only those are played that the store does not have.
struct AttackRun {
    private let store: TrialStore
    private let pack: ModelPack
    private let portrait: Portrait
    private let seeds: [UInt64]
    private let arms: [Arm]
    /// Whether what is missing is played.
    private let plays: Bool
    private let calibrations = Calibrations()

    init(_ options: Options, seeds: ClosedRange<UInt64>, arms: [Arm]) throws {
        guard let program = ProgramDigest.read() else {
            throw LabFault(problem: "this program's own file cannot be read", status: 74)
        }
        let (shard, count) = try options.shard()
        self.pack = try options.pack()
        self.plays = !options.has("--stored")
        self.store = try TrialStore(program: program, pack: pack.digest, played: plays, options: options)
        self.portrait = try Portrait.astronaut(pack: options.packFolder)
        self.seeds = seeds.filter { $0 % count == shard }
        self.arms = arms
    }

    /// What played them.
    var origin: String { store.origin }

    /// Goes seed by seed, so that of a run that was stopped all arms have about as many trials.
    func trials() throws -> [Arm: [Trial]] {
        var known = Dictionary(uniqueKeysWithValues: try arms.map { ($0, try store.trials(of: $0)) })
        if plays {
            var bar = ProgressBar("verifications", total: seeds.count * arms.count)
            for seed in seeds {
                for arm in arms {
                    if known[arm]?[seed] == nil {
                        var run = try SimulatedVerification(
                            arm.setup(seed: seed), portrait: portrait, pack: pack, calibrations: calibrations)
                        let result = SimulationResult(run.play())
                        if let fault = result.fault {
                            throw LabFault(problem: "seed \(seed) of \(arm.name) has no verdict: \(fault)", status: 70)
                        }
                        let trial = Trial(result)
                        try store.add(trial, of: arm)
                        known[arm]?[seed] = trial
                    }
                    bar.advance()
                }
            }
        }
        return known.mapValues { trials in seeds.compactMap { trials[$0] } }
    }
}

extension Options {
    /// `--shard K/N`: the seeds that leave a rest of K−1 when divided by N.
    fileprivate func shard() throws(LabFault) -> (UInt64, UInt64) {
        guard let text = values["--shard"] else { return (0, 1) }
        let parts = text.split(separator: "/").map { UInt64($0) }
        guard parts.count == 2, let part = parts[0], let count = parts[1], (1...count).contains(part) else {
            throw .usage("--shard must be K/N with K from 1 to N")
        }
        return (part - 1, count)
    }
}
