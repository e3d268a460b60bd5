import Foundation
import Glibc
import Platform

/// Trials that are kept from one run to the next, for one build of the program and one model pack: others may decide
/// differently.
///
/// A folder of tables, one for each arm, with a file `origin` that says what played them. Several programs may add to
/// it at once.
struct TrialStore {
    private let folder: URL
    /// What played the trials, and on what.
    let origin: String

    /// Opens `--trials FOLDER`, or else a folder of its own in the cache; whoever plays the first trial says where the
    /// program comes from.
    ///
    /// Fails when the folder holds another program's trials and more are to be `played`.
    init(program: Digest, pack: Digest, source: String, played: Bool, options: Options) throws {
        let own = "\(source); SHA-256 of program and model pack \(program.description) and \(pack.description)"
        let name = "attacks/\(program.description.prefix(16))-\(pack.description.prefix(16))"
        folder = URL(filePath: options.values["--trials"] ?? "\(options.cacheFolder)/\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "origin")
        try? Data((own + "\n").utf8).write(to: file, options: .withoutOverwriting)
        let text = try String(contentsOf: file, encoding: .utf8)
        origin = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if played, origin.split(separator: ";").last != own.split(separator: ";").last {
            throw LabFault(problem: "\(folder.path) has trials of another program or pack: \(origin)", status: 65)
        }
    }

    /// The trials of an arm by seed; a line that was cut short counts as missing.
    func trials(of arm: Arm) -> [UInt64: Trial] {
        guard let text = try? String(contentsOf: file(arm), encoding: .utf8) else { return [:] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return Dictionary(lines.compactMap { Trial(line: $0) }.map { ($0.seed, $0) }) { first, _ in first }
    }

    /// Adds a line in one write, so that lines of several programs do not mix.
    func add(_ trial: Trial, of arm: Arm) throws {
        let line = Array((trial.line + "\n").utf8)
        let file = try OwnedDescriptor(
            opening: file(arm).path(percentEncoded: false), flags: O_WRONLY | O_CREAT | O_APPEND)
        try file.withRaw { raw in
            let count = unsafe line.withUnsafeBytes { unsafe write(raw, $0.baseAddress, $0.count) }
            guard count == line.count else { throw LabFault(problem: "\(folder.path) cannot be written to") }
        }
    }

    private func file(_ arm: Arm) -> URL { folder.appending(path: "\(arm.name).csv") }
}

extension Trial {
    /// In the order of the letters.
    private static let layerNames = [
        "challengeResponse", "depth", "light", "surface", "surround", "continuity", "injection",
    ]
    private static let words = ["passed", "failed", "undetermined", "notChecked"]
    private static let readingCount = 5

    /// `seed,verdict,reasons,milliseconds,layers,patterns,reading`: a letter for each layer, lists with spaces.
    fileprivate var line: String {
        let letters = Self.layerNames.map { String((layers[$0] ?? "notChecked").prefix(1)) }.joined()
        let reading = light.map(String.init).joined(separator: " ")
        return "\(seed),\(verdict),\(reasons.joined(separator: " ")),\(milliseconds),\(letters),\(patterns),\(reading)"
    }

    fileprivate init?(line: Substring) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 7, let seed = UInt64(fields[0]), let milliseconds = Int(fields[3]),
            fields[4].count == Self.layerNames.count, let patterns = Int(fields[5])
        else { return nil }
        (self.seed, self.milliseconds, self.patterns) = (seed, milliseconds, patterns)
        verdict = String(fields[1])
        reasons = fields[2].split(separator: " ").map(String.init)
        let words = fields[4].compactMap { letter in Self.words.first { $0.first == letter } }
        layers = Dictionary(uniqueKeysWithValues: zip(Self.layerNames, words))
        light = fields[6].split(separator: " ").compactMap { Int($0) }
        guard layers.count == Self.layerNames.count, [0, Self.readingCount].contains(light.count) else { return nil }
    }
}
