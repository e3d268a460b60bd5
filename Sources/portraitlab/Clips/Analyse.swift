import Biometrics
import Evaluation
import Faces
import Frames
import Imaging
import Liveness
import Platform

/// Reads faces off a clip and finds blinks and turns.
func analyse(_ words: [String]) throws {
    let options = try Options(words, flags: ["--json"], values: ["--frame-rate", "--picture"], mostInputs: 1)
    let input = try options.input("clip")
    let clip = try ClipReader(input, frameRate: try options.frameRate())
    let frameRate = clip.frameRate
    var analyser = try FaceAnalyser(pack: try options.pack())
    var series = ObservationSeries()
    if !options.has("--json") { print(FrameLine.tableHead) }
    while let frame = try clip.next() {
        let (format, timestamp, sequence) = (frame.format, frame.timestamp, frame.sequence)
        let observation = try? frame.withBytes { bytes throws(ImagingFault) in
            try analyser.observe(bytes, format, timestamp: timestamp, sequence: sequence, eyes: .both)
        }
        let line = FrameLine(
            frame: series.frames.count, frameRate: frameRate, observation: observation ?? nil)
        series.append(observation ?? nil)
        if options.has("--json") { try printJSON(line) } else { print(line.tableRow) }
    }
    let summary = ClipSummary(series, frameRate: frameRate)
    if options.has("--json") { try printJSON(summary) } else { print(summary.text) }
    if let path = options.values["--picture"] { try Chart(series, summary, title: input).write(to: path) }
}

/// One frame as it is printed.
struct FrameLine: Encodable {
    let frame: Int
    let milliseconds: Int
    let faces: Int
    let box: [Double]?
    let yawDegrees: Double?
    let pitchDegrees: Double?
    let rollDegrees: Double?
    let eyeOpening: [Double?]?
    let presence: Double?

    init(frame: Int, frameRate: Double, observation: FrameObservation?) {
        let face = observation?.face
        func rounded(_ value: Double, _ scale: Double) -> Double { (value * scale).rounded() / scale }
        self.frame = frame
        self.milliseconds = Int((Double(frame) * 1000 / frameRate).rounded())
        self.faces = face == nil ? 0 : max(observation?.faceCount ?? 0, 1)
        self.box = face.map { [$0.box.x, $0.box.y, $0.box.width, $0.box.height].map { rounded($0, 10) } }
        self.yawDegrees = face.map { rounded($0.pose.yaw, 10) }
        self.pitchDegrees = face.map { rounded($0.pose.pitch, 10) }
        self.rollDegrees = face.map { rounded($0.pose.roll, 10) }
        self.eyeOpening = face.map { [$0.eyeOpening.left, $0.eyeOpening.right].map { $0.map { rounded($0, 1000) } } }
        self.presence = face.map { rounded($0.presence, 1000) }
    }

    private enum CodingKeys: CodingKey {
        case frame, milliseconds, faces, box, yawDegrees, pitchDegrees, rollDegrees, eyeOpening, presence
    }

    /// Writes what is missing as `null`, so that every line has every member.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(frame, forKey: .frame)
        try container.encode(milliseconds, forKey: .milliseconds)
        try container.encode(faces, forKey: .faces)
        try container.encode(box, forKey: .box)
        try container.encode(yawDegrees, forKey: .yawDegrees)
        try container.encode(pitchDegrees, forKey: .pitchDegrees)
        try container.encode(rollDegrees, forKey: .rollDegrees)
        try container.encode(eyeOpening, forKey: .eyeOpening)
        try container.encode(presence, forKey: .presence)
    }

    static let tableHead = "frame      ms  faces    yaw  pitch   roll   left  right"

    var tableRow: String {
        let numbers = [yawDegrees, pitchDegrees, rollDegrees] + (eyeOpening ?? [nil, nil])
        let columns =
            [(String(frame), 5), (String(milliseconds), 8), (String(faces), 7)]
            + numbers.map { ($0.map { "\($0)" } ?? "–", 7) }
        return columns.map { text, width in String(repeating: " ", count: max(width - text.count, 0)) + text }.joined()
    }
}

/// What happened in a clip; frames count from 0, both ends included.
struct ClipSummary: Encodable {
    struct Turn: Encodable {
        let direction: String
        let start: Int
        let end: Int
        let peakDegrees: Double
    }

    let summary = true
    let frames: Int
    let frameRate: Double
    let framesWithFace: Int
    let blinks: [[Int]]
    let turns: [Turn]

    init(_ series: ObservationSeries, frameRate: Double) {
        self.frames = series.frames.count
        self.frameRate = frameRate
        self.framesWithFace = series.frames.count { $0 != nil }
        self.blinks = series.blinks().map { [$0.lowerBound, $0.upperBound] }
        self.turns = series.turns(frameRate: frameRate).map {
            Turn(
                direction: $0.direction.rawValue, start: $0.frames.lowerBound, end: $0.frames.upperBound,
                peakDegrees: ($0.peak * 10).rounded() / 10)
        }
    }

    var text: String {
        var lines = ["\(frames) frames at \(frameRate) a second, \(framesWithFace) with a face"]
        lines += blinks.map { "blink  \($0[0])–\($0[1])" }
        lines += turns.map { "turn   \($0.start)–\($0.end) \($0.direction), \($0.peakDegrees)°" }
        return lines.joined(separator: "\n")
    }
}
