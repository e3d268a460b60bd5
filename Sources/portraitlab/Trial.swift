import Biometrics
import Foundation
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

    var decision: Decision { decision(demanding: .yes) }

    /// What the same layers decide under another demand of light.
    func decision(demanding light: LightDemand) -> Decision { decision(of: layers, demanding: light) }

    /// The decision if one layer had not been there: nobody would ask for it either.
    func decision(without layer: String) -> Decision {
        var others = layers
        others[layer] = layer == "challengeResponse" ? "passed" : nil
        return decision(of: others, demanding: layer == "light" ? .tried : .yes)
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

    init(program: Digest, pack: Digest, options: Options) throws {
        let name = "\(program.description.prefix(16))-\(pack.description.prefix(16))"
        folder = URL(filePath: options.cacheFolder).appending(path: "attacks/\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// The trials of an arm by seed; a line that was cut short counts as missing.
    func trials(of arm: Arm) -> [UInt64: Trial] {
        guard let data = try? Data(contentsOf: file(arm)) else { return [:] }
        let decoder = JSONDecoder()
        let trials = data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(Trial.self, from: $0) }
        return Dictionary(trials.map { ($0.seed, $0) }) { first, _ in first }
    }

    /// Adds a line in one write, so that lines of several programs do not mix.
    func add(_ trial: Trial, of arm: Arm) throws {
        let path = file(arm).path(percentEncoded: false)
        if !FileManager.default.fileExists(atPath: path) {
            try Data().write(to: file(arm), options: .withoutOverwriting)
        }
        let file = try FileHandle(forWritingTo: file(arm))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: JSONEncoder().encode(trial) + [UInt8(ascii: "\n")])
    }

    private func file(_ arm: Arm) -> URL { folder.appending(path: "\(arm.name).jsonl") }
}
