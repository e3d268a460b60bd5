import Biometrics
import Cues
import Faces
import Foundation
import Frames
import Imaging
import Pipeline
import Platform

/// Judges recorded clips by the passive cues, without a challenge: what is injected or cut cannot be told of them.
func attackClips(_ words: [String]) throws {
    let options = try Options(words, flags: ["--json"], values: ["--clips", "--labels", "--frame-rate"])
    guard let folder = options.values["--clips"], let list = options.values["--labels"] else {
        throw LabFault.usage("--clips needs a folder and --labels a file")
    }
    let frameRate = try options.frameRate()
    let pack = try options.pack()
    var lines: [ClipLine] = []
    var unreadable: [String] = []
    for clip in try readLabels(list) {
        do {
            let line = try judge(clip, at: "\(folder)/\(clip.file)", frameRate: frameRate, pack: pack)
            lines.append(line)
            if options.has("--json") { try printJSON(line) } else { print(line.text) }
        } catch let fault as LabFault {
            unreadable.append("\(clip.file): \(fault.problem)")
        }
    }
    let summary = ClipsSummary(lines)
    if options.has("--json") { try printJSON(summary) } else { print(summary.text) }
    if !unreadable.isEmpty {
        throw LabFault(problem: "not judged, and in no count: " + unreadable.joined(separator: "\n"))
    }
}

/// One entry of the list of labels.
private struct LabelledClip: Decodable {
    enum Label: String, Codable {
        case live, attack
    }

    let file: String
    let label: Label
    let species: String?
}

private func readLabels(_ path: String) throws -> [LabelledClip] {
    guard let data = FileManager.default.contents(atPath: path) else { throw LabFault(problem: "\(path) is missing") }
    do { return try JSONDecoder().decode([LabelledClip].self, from: data) } catch {
        throw LabFault(
            problem: "\(path) is no list of {\"file\", \"label\": \"live\" or \"attack\", \"species\"}: \(error)")
    }
}

private func judge(_ label: LabelledClip, at path: String, frameRate: Double?, pack: ModelPack) throws -> ClipLine {
    let clip = try ClipReader(path, frameRate: frameRate)
    var analyser = try FaceAnalyser(pack: pack)
    var watch = CueWatch()
    var start = NeutralStart()
    var frameCount = 0
    var earlier: [PassiveCues] = []
    while let frame = try clip.next() {
        let (format, timestamp, sequence) = (frame.format, frame.timestamp, frame.sequence)
        frame.withBytes { bytes in
            let observation = try? analyser.observe(
                bytes, format, timestamp: timestamp, sequence: sequence, eyes: .none)
            guard let observation else { return }
            frameCount += 1
            if start.isNeutral(observation) {
                earlier.append(watch.cues)
                watch.takeNeutral(observation, of: analyser)
            }
            watch.observe(bytes, format, observation, by: analyser)
        }
    }
    if frameCount == 0 { throw LabFault(problem: "no frame of it can be decoded") }
    return ClipLine(label, earlier + [watch.cues], watch.readings)
}

/// Finds the frame of a track that later ones are measured against: the first of three that look ahead and are still.
private struct NeutralStart {
    private var faces: [FaceObservation] = []
    private var track: Int?

    mutating func isNeutral(_ observation: FrameObservation) -> Bool {
        guard let face = observation.face, face.track != track else { return false }
        let isStill = faces.last.map { abs((face.pose - $0.pose).yaw) < 2 && $0.track == face.track } ?? false
        faces = isStill && abs(face.pose.yaw) < 15 ? faces + [face] : [face]
        guard faces.count == 3 else { return false }
        track = face.track
        return true
    }
}

/// One clip as it is printed.
private struct ClipLine: Encodable {
    let file: String
    let label: LabelledClip.Label
    let species: String?
    /// `attack` when any cue says so; `bonaFide` takes depth.
    let decision: String
    let cues: [String: String]
    /// What was measured, for whoever sets thresholds.
    let readings: [String: Double]

    /// Takes what the cues said of each track: an attack on one is an attack.
    init(_ clip: LabelledClip, _ tracks: [PassiveCues], _ readings: [String: Double]) {
        func cue(_ cue: (PassiveCues) -> Cue) -> Cue {
            tracks.contains { cue($0) == .attack } ? .attack : tracks.last.map(cue) ?? .notChecked
        }
        let depth = cue(\.depth)
        self.file = clip.file
        self.label = clip.label
        self.species = clip.species
        // Of a clip that was encoded anew nobody can tell whether it was injected or cut.
        let words: [String: Cue] = [
            "depth": depth, "bezel": cue(\.bezel), "moire": cue(\.moire), "surround": cue(\.surround),
            "continuity": .notChecked, "injection": .notChecked,
        ]
        self.cues = words.mapValues(\.rawValue)
        self.readings = readings
        let decision: Cue =
            words.values.contains(.attack) ? .attack : depth == .bonaFide ? .bonaFide : .undetermined
        self.decision = decision.rawValue
    }

    var text: String {
        let spoken = cues.filter { $0.value != Cue.notChecked.rawValue }.map { "\($0.key) \($0.value)" }.sorted()
        let numbers = readings.map { "\($0.key) \(String(format: "%.3g", $0.value))" }.sorted()
        return "\(file) (\(species ?? label.rawValue)): \(decision); \(spoken.joined(separator: ", "))\n"
            + "    \(numbers.joined(separator: ", "))"
    }
}

/// How many clips were called an attack, with exact 95 % intervals.
private struct ClipsSummary: Encodable {
    private struct Rate: Encodable {
        let clips: Int
        let attacks: Share
        let undetermined: Int

        init(_ lines: [ClipLine]) {
            clips = lines.count
            attacks = Share(lines.count { $0.decision == Cue.attack.rawValue }, of: lines.count)
            undetermined = lines.count { $0.decision == Cue.undetermined.rawValue }
        }
    }

    private let summary = true
    private let live: Rate
    /// By species.
    private let attacks: [String: Rate]

    init(_ lines: [ClipLine]) {
        live = Rate(lines.filter { $0.label == .live })
        attacks = Dictionary(grouping: lines.filter { $0.label == .attack }) { $0.species ?? "unnamed" }
            .mapValues(Rate.init)
    }

    var text: String {
        let rates = [("live", live)] + attacks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return rates.map { name, rate in
            "\(name): of \(rate.clips) called an attack \(rate.attacks.text), undetermined \(rate.undetermined)"
        }.joined(separator: "\n")
    }
}
