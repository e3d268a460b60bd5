import Biometrics
import CAllocationCounter
import Faces
import Frames
import Imaging
import Inference
import Pipeline
import Platform
import Session

/// Times the whole tracked frame, its parts, and the networks alone, in rounds one after another.
func benchFrames(
    _ clip: BenchClip, pack: ModelPack, packFolder: String, seconds: Double, _ printer: FigurePrinter
) throws {
    var times = FrameTimes()
    let networks = try ModelPack.Role.allCases.compactMap { role in
        try pack.models.first { $0.role == role }.map { try TimedNetwork($0, folder: packFolder) }
    }
    let end = Timestamp.now() + .nanoseconds(Int64(seconds * 1e9))
    repeat {
        try times.wholeFrames(clip, pack)
        try times.parts(clip, pack)
        for network in networks { network.run(times: 60) }
    } while Timestamp.now() < end
    for figure in times.figures { try printer.show(figure) }
    for network in networks { try printer.show(network.figure) }
    try printer.show(times.ownCode(networks))
}

/// CPU times in milliseconds, one of each for every frame and round.
private struct FrameTimes {
    private var bothEyes: [Double] = []
    private var scheduled: [Double] = []
    private var checked: [Double] = []
    private var recognition: [Double] = []
    private var parts: [FaceAnalyser.Stage: [Double]] = [:]
    private var rounds = 0

    /// Every frame twice, by two analysers in turns: once with both eyes, once with those that the session wanted.
    mutating func wholeFrames(_ clip: BenchClip, _ pack: ModelPack) throws {
        rounds += 1
        var full = try clip.makeAnalyser(pack)
        var economical = try clip.makeAnalyser(pack)
        for (index, frame) in clip.frames.enumerated() {
            let fullTime = try measured { try clip.observe(index, with: &full, .both) }
            let economicalTime = try measured { try clip.observe(index, with: &economical, frame.schedule.eyes) }
            // The first frame looks for the face.
            if index == 0 { continue }
            bothEyes.append(fullTime)
            scheduled.append(economicalTime)
        }
    }

    /// Every part of every frame once more by itself, and every tenth frame's template.
    mutating func parts(_ clip: BenchClip, _ pack: ModelPack) throws {
        var analyser = try clip.makeAnalyser(pack)
        var recogniser = try FaceRecogniser(pack: pack)
        var sum = TemplateSum(dimensions: pack.dimensions)
        for (index, frame) in clip.frames.enumerated() {
            try clip.observe(index, with: &analyser, .none)
            if index % 10 == 0 {
                recognition.append(measured { recogniser.add(lastFaceOf: analyser, to: &sum) })
            }
            for stage in FaceAnalyser.Stage.allCases {
                var result: Double?
                let time = try measured {
                    result = try unsafe analyser.redo(stage, frame.bytes.span.bytes, clip.format)
                }
                if result != nil { parts[stage, default: []].append(time) }
            }
        }
    }

    var figures: [Figure] {
        let parts = FaceAnalyser.Stage.allCases.map { stage in
            Figure("part \(stage.rawValue)", unit: "ms", self.parts[stage] ?? [], note: Self.note(on: stage))
        }
        return parts + [
            Figure("part recognition", unit: "ms", recognition, note: "two views; on the session's 8 sampled frames"),
            Figure("frame, both eyes", unit: "ms", bothEyes, note: "the detector's checks included"),
            Figure("frame, the session's schedule", unit: "ms", scheduled, note: "recognition apart"),
            Figure("frame, both eyes, mean", unit: "ms", exactly: mean(bothEyes)),
            Figure("frame, the session's schedule, mean", unit: "ms", exactly: mean(scheduled)),
        ]
    }

    /// What a tracked frame costs beyond its networks.
    func ownCode(_ networks: [TimedNetwork]) -> Figure {
        func median(_ role: ModelPack.Role) -> Double? { networks.first { $0.role == role }?.figure.median }
        guard let mesh = median(.mesh), let iris = median(.iris) else {
            return Figure("decoding and own code around the networks", notMeasured: "a network is missing")
        }
        return Figure(
            "decoding and own code around the networks", unit: "ms", bothEyes.map { $0 - mesh - 2 * iris },
            note: "a frame with both eyes less one mesh and two iris networks")
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }

    private static func note(on stage: FaceAnalyser.Stage) -> String? {
        switch stage {
        case .decoding: "the face's part of the frame"
        case .mesh: "sampling, network and points"
        case .pose, .quality: nil
        case .eyes: "both, sampling and network"
        case .detector: "whole frame decoded, network; every 12th frame"
        }
    }
}

/// One network without anything around it.
private final class TimedNetwork {
    let role: ModelPack.Role
    private var network: Network
    private var times: [Double] = []

    init(_ model: ModelPack.Model, folder: String) throws {
        self.role = model.role
        self.network = try Network(path: "\(folder)/\(model.file)")
        var generator = SystemRandomNumberGenerator()
        network.withInput { input in
            for index in 0..<input.count { input[index] = Float.random(in: 0...1, using: &generator) }
        }
    }

    func run(times count: Int) {
        for _ in 0..<(role == .recognition ? count / 10 : count) { times.append(measured { network.run() }) }
    }

    var figure: Figure { Figure("network \(role.rawValue)", unit: "ms", times, note: "alone, on any input") }
}

/// Counts heap allocations from a lease to the sampled template, for every pixel format.
func benchAllocations(_ clip: BenchClip, pack: ModelPack, _ printer: FigurePrinter) throws {
    for pixelFormat in PixelFormat.allCases {
        let (frames, format) = try clip.converted(to: pixelFormat, count: 40)
        let pool = FramePool(capacity: 4, bytesPerFrame: format.width * format.height * 2)
        let slot = LatestSlot<FrameLease>()
        var analyst = try Analyst(
            pack: pack, requirements: FramingRequirements(), maximumWidth: format.width, maximumHeight: format.height)
        var (allocations, sampled) = (UInt64(0), 0)
        for (index, bytes) in frames.enumerated() {
            let before = alc_thread_count()
            guard var lease = pool.lease() else { continue }
            lease.fill(with: bytes)
            lease.format = format
            slot.put(lease)
            guard let frame = slot.take(within: .zero) else { continue }
            let (_, sample) = try analyst.observe(frame, .framing(sample: SampleRequest(.first, attempt: 0)))
            // The first frames find the face and start the sample.
            if index >= 2 { allocations += alc_thread_count() - before }
            if sample != nil { sampled += 1 }
        }
        try printer.show(
            Figure(
                "allocationsPerFrame \(pixelFormat.fourCC)", unit: "allocations",
                exactly: Double(allocations) / Double(frames.count - 2),
                note: "\(allocations) in \(frames.count - 2) frames, of which \(sampled) were sampled"))
    }
}
