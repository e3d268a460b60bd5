import Biometrics
import Foundation
import Glibc
import Liveness
import Platform

/// How one presentation to a whole verification ended.
struct Trial: Codable {
    let seed: UInt64
    let verdict: String
    let reasons: [String]
    /// What each layer said, by its name: `passed`, `failed`, `undetermined` or `notChecked`.
    let layers: [String: String]
    let light: LightFigures?
    /// From the request to the verdict, in the simulated counter's time.
    let milliseconds: Int

    init(_ result: SimulationResult) {
        self.seed = result.seed
        self.verdict = result.verdict
        self.reasons = result.reasons
        self.layers = result.layers
        self.light = result.light
        self.milliseconds = result.milliseconds
    }

    /// What presentation attack detection decided.
    enum Decision { case bonaFide, attack, none }

    /// And why, where it did not.
    enum Outcome {
        case bonaFide, attack
        /// The challenge was not answered to its end.
        case nonResponse
        case undetermined
        /// The light that the policy demands could not be read.
        case withoutLight
    }

    var outcome: Outcome {
        switch decision(demanding: .yes) {
        case .bonaFide: .bonaFide
        case .attack: .attack
        case .none where verdict == "refer": .withoutLight
        case .none where layers["challengeResponse"] == "passed": .undetermined
        case .none: .nonResponse
        }
    }

    /// What the layers decide where the policy has that demand of light.
    func decision(demanding light: LightDemand) -> Decision { decision(of: layers, demanding: light) }

    /// The decision if one layer had not been there: nobody would ask for it either.
    func decision(without layer: String, demanding light: LightDemand) -> Decision {
        var others = layers
        others[layer] = layer == "challengeResponse" ? "passed" : nil
        return decision(of: others, demanding: layer == "light" ? .tried : light)
    }

    private func decision(of layers: [String: String], demanding light: LightDemand) -> Decision {
        switch LivenessLayers(named: layers).decision(demanding: light) {
        case .attack: .attack
        // Nothing was decided about somebody who may not be who was there before.
        case .bonaFide: layers["continuity"] == "undetermined" ? .none : .bonaFide
        case .undetermined, .withoutLight: .none
        }
    }
}

extension LivenessLayers {
    /// Reads them as receipts name them; what is missing was not checked.
    fileprivate init(named words: [String: String]) {
        func cue(_ name: String) -> Cue {
            switch words[name] {
            case "passed": .bonaFide
            case "failed": .attack
            case "undetermined": .undetermined
            default: .notChecked
            }
        }
        self.init(challengeResponse: cue("challengeResponse"))
        (depth, light, surface) = (cue("depth"), cue("light"), cue("surface"))
        (surround, continuity, injection) = (cue("surround"), cue("continuity"), cue("injection"))
    }
}

/// Trials that are kept from one run to the next, for one build of the program and one model pack: others may decide
/// differently.
///
/// Several programs may add to it at once.
struct TrialStore {
    private let folder: URL

    /// `origin` says where the program comes from and what it runs on; whoever plays the first trial tells it.
    init(program: Digest, pack: Digest, origin: String, options: Options) throws {
        let name = "\(program.description.prefix(16))-\(pack.description.prefix(16))"
        folder = URL(filePath: options.cacheFolder).appending(path: "attacks/\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? Data(origin.utf8).write(to: originFile, options: .withoutOverwriting)
    }

    private var originFile: URL { folder.appending(path: "origin") }

    var origin: String { (try? String(contentsOf: originFile, encoding: .utf8)) ?? "unknown" }

    /// The trials of an arm by seed; a line that was cut short counts as missing.
    func trials(of arm: Arm) -> [UInt64: Trial] {
        guard let data = try? Data(contentsOf: file(arm)) else { return [:] }
        let decoder = JSONDecoder()
        let trials = data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(Trial.self, from: $0) }
        return Dictionary(trials.map { ($0.seed, $0) }) { first, _ in first }
    }

    /// Adds a line in one write, so that lines of several programs do not mix.
    func add(_ trial: Trial, of arm: Arm) throws {
        let line = try JSONEncoder().encode(trial) + [UInt8(ascii: "\n")]
        let file = try OwnedDescriptor(
            opening: file(arm).path(percentEncoded: false), flags: O_WRONLY | O_CREAT | O_APPEND)
        try file.withRaw { raw in
            let count = unsafe line.withUnsafeBytes { unsafe write(raw, $0.baseAddress, $0.count) }
            guard count == line.count else { throw LabFault(problem: "\(folder.path) cannot be written to") }
        }
    }

    private func file(_ arm: Arm) -> URL { folder.appending(path: "\(arm.name).jsonl") }
}
