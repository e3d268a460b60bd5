import Foundation
import Glibc
import Platform
import Trials

/// Trials that are kept from one run to the next: a folder of tables, one for each arm, with a file `origin` that says
/// what played them.
///
/// Other rooms, see `trialRooms`, or another model pack may decide differently, so that they add nothing. Several programs
/// may add at once.
struct TrialStore {
    private let folder: URL
    /// What played the trials, and on what.
    let origin: String

    /// Opens a folder in the cache that is for one build of the program and one pack, or else `--trials FOLDER`, which is
    /// for one state of the rooms that play trials, since two builds of it differ.
    ///
    /// What is only read, and a chosen folder, must be there. Fails when more are to be `played` into a folder of other
    /// sources or another pack, or by unknown sources.
    init(program: Digest, pack: Digest, played: Bool, options: Options) throws {
        let name = "attacks/\(program.description.prefix(16))-\(pack.description.prefix(16))"
        let chosen = options.values["--trials"]
        folder = URL(filePath: chosen ?? "\(options.cacheFolder)/\(name)")
        let file = folder.appending(path: "origin")
        let sources = played ? SourceState.read() : nil
        let own = "sources \(sources?.digest ?? "unknown"), model pack \(pack)"
        if played {
            let by = "commit \(sources?.commit ?? "unknown") on \(Machine.processor ?? "an unknown processor")"
            if chosen == nil { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
            guard FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)) else {
                throw LabFault(problem: "\(folder.path) is no folder; for a new sample, make one", status: 66)
            }
            try? Data("\(own); first played by \(by)\n".utf8).write(to: file, options: .withoutOverwriting)
        }
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw LabFault(problem: "\(folder.path) has no trials: it has no file `origin`", status: 66)
        }
        origin = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard played, chosen != nil else { return }
        guard let sources else {
            throw LabFault(problem: "--trials needs the repository that this program is built of")
        }
        if !origin.hasPrefix(own + ";") {
            throw LabFault(problem: "\(folder.path) has trials of \(origin), but these are \(own)", status: 65)
        }
        if sources.hasChanges {
            throw LabFault(problem: "the rooms that play trials have changes that are not committed: commit them first")
        }
    }

    /// The trials of an arm by seed; a line that was cut short counts as missing, and one that another program wrote
    /// is refused, since the rest would be a choice.
    func trials(of arm: Arm) throws(LabFault) -> [UInt64: Trial] {
        guard let text = try? String(contentsOf: file(arm), encoding: .utf8) else { return [:] }
        var trials: [UInt64: Trial] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            guard let trial = Trial(line: line) else {
                if !Trial.isComplete(line) { continue }
                let path = file(arm).path(percentEncoded: false)
                throw LabFault(problem: "\(path) has a trial that this program cannot read: \(line)")
            }
            if trials[trial.seed] == nil { trials[trial.seed] = trial }
        }
        return trials
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
    static let readingCount = 10

    /// `seed,verdict,reasons,milliseconds,layers,patterns,reading`: a letter for each layer, lists with spaces.
    fileprivate var line: String {
        let letters = Self.layerNames.map { String((layers[$0] ?? "notChecked").prefix(1)) }.joined()
        let reading = light.map(String.init).joined(separator: " ")
        return "\(seed),\(verdict),\(reasons.joined(separator: " ")),\(milliseconds),\(letters),\(patterns),\(reading)"
    }

    fileprivate static func isComplete(_ line: Substring) -> Bool { line.count { $0 == "," } == 6 }

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

/// The sources that play trials, in the working folder, by Git.
struct SourceState {
    let commit: String
    /// Of what Git calls their folders, whatever else a commit changed.
    let digest: String
    /// What is not committed has no digest.
    let hasChanges: Bool

    /// `nil` outside a repository, and where Git does not know all of the folders.
    static func read() -> SourceState? {
        let folders = trialRooms.map { "Sources/\($0)" }
        guard let commit = git(["rev-parse", "--short=12", "HEAD"]),
            let trees = git(["ls-tree", "--full-tree", "HEAD", "--"] + folders),
            trees.split(separator: "\n").count == folders.count,
            let changes = git(["status", "--porcelain", "--"] + folders.map { ":/" + $0 })
        else { return nil }
        let digest = Digest(of: Array(trees.utf8)).description
        return SourceState(commit: commit, digest: digest, hasChanges: !changes.isEmpty)
    }

    private static func git(_ words: [String]) -> String? { output(of: ["git"] + words) }
}
