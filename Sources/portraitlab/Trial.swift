import Foundation
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

    /// A verdict about the person, whichever, says that the presentation was taken for bona fide.
    ///
    /// `refer` does so only where nothing but the comparison was in doubt.
    var decision: Decision { decision(without: nil) }

    /// The decision if one layer had not been there; the same where it was not what decided.
    func decision(without layer: String?) -> Decision {
        let others = layers.filter { $0.key != layer }
        if others.values.contains("failed") { return .attack }
        // Some attacks are suspected for reasons of no layer, such as a person who changed.
        let isOwnReason = layer == nil || layers[layer ?? ""] != "failed"
        switch verdict {
        case "attackSuspected" where isOwnReason: return .attack
        case "verified", "notMatched": return .bonaFide
        case "refer":
            let others = layer == "light" ? reasons.filter { $0 != "lightNotChecked" } : reasons
            return others.allSatisfy { $0 == "comparisonUndetermined" } ? .bonaFide : .none
        case "attackSuspected": return others.values.contains("undetermined") ? .none : .bonaFide
        default: return .none
        }
    }
}

/// Trials that are kept from one run to the next, for one build of the program: another one may decide differently.
///
/// Several programs may add to it at once.
struct TrialStore {
    private let folder: URL

    init(program: Digest, options: Options) throws {
        let name = program.description.prefix(16)
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
