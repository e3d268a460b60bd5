import Biometrics
import CAllocationCounter
import Faces
import Frames
import Imaging
import Pipeline
import Platform
import Ports
import Session

/// Times the whole tracked frame and its parts, in rounds one after another.
func benchFrames(_ clip: BenchClip, pack: ModelPack, seconds: Double, _ printer: FigurePrinter) throws {
    var times = FrameTimes()
    let end = Timestamp.now() + .nanoseconds(Int64(seconds * 1e9))
    repeat {
        try times.wholeFrames(clip, pack)
        try times.parts(clip, pack)
        try times.cues(clip, pack)
    } while Timestamp.now() < end
    try printer.show(times.figures)
}

/// CPU times in milliseconds, one of each for every frame and round.
private struct FrameTimes {
    private var bothEyes: [Double] = []
    private var scheduled: [Double] = []
    private var recognition: [Double] = []
    private var cues: [Double] = []
    private var parts: [FaceAnalyser.Stage: [Double]] = [:]
    /// Decoding, sampling, pose and quality of one frame together.
    private var ownCode: [Double] = []

    /// Every frame twice, by two analysers in turns: once with both eyes, once with those that the session wanted.
    mutating func wholeFrames(_ clip: BenchClip, _ pack: ModelPack) throws {
        var full = try FaceAnalyser(pack: pack)
        var economical = try FaceAnalyser(pack: pack)
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
        var analyser = try FaceAnalyser(pack: pack)
        var recogniser = try FaceRecogniser(pack: pack)
        var sum = TemplateSum(dimensions: pack.dimensions)
        for (index, frame) in clip.frames.enumerated() {
            try clip.observe(index, with: &analyser, .none)
            if index % 10 == 0 {
                recognition.append(measured { recogniser.add(lastFaceOf: analyser, to: &sum) })
            }
            var own = 0.0
            for stage in FaceAnalyser.Stage.allCases {
                var result: Double?
                let time = try measured {
                    result = try unsafe analyser.redo(stage, frame.bytes.span.bytes, clip.format)
                }
                if result == nil { continue }
                parts[stage, default: []].append(time)
                if Self.isOwn(stage) { own += time }
            }
            if own > 0 { ownCode.append(own) }
        }
    }

    /// The signs of an attack of every frame once more by themselves.
    mutating func cues(_ clip: BenchClip, _ pack: ModelPack) throws {
        var analyser = try FaceAnalyser(pack: pack)
        var watch = CueWatch(isLiveStream: true)
        var isNeutral = false
        for (index, frame) in clip.frames.enumerated() {
            let observation = try clip.observe(index, with: &analyser, .none)
            guard let face = observation.face else { continue }
            let time = measured {
                if !isNeutral, frame.schedule.sample?.place == .first, abs(face.pose.yaw) < 5 {
                    watch.takeNeutral(observation, of: analyser)
                    isNeutral = true
                }
                unsafe watch.observe(
                    frame.bytes.span.bytes, clip.format, observation, light: frame.schedule.light, by: analyser)
            }
            cues.append(time)
        }
    }

    var figures: [Figure] {
        let parts = FaceAnalyser.Stage.allCases.map { stage in
            Figure("part \(stage.rawValue)", unit: "ms", self.parts[stage] ?? [], note: Self.note(on: stage))
        }
        return parts + [
            Figure(
                "decoding and own code around the networks", unit: "ms", ownCode,
                note: "decoding, sampling for three networks, pose and quality of a tracked frame"),
            Figure("part recognition", unit: "ms", recognition, note: "two views; on the session's 8 sampled frames"),
            Figure("frame, both eyes", unit: "ms", bothEyes, note: "the detector's checks included"),
            Figure("frame, the session's schedule", unit: "ms", scheduled, note: "recognition apart"),
            Figure("frame, both eyes, mean", unit: "ms", exactly: mean(bothEyes)),
            Figure("frame, the session's schedule, mean", unit: "ms", exactly: mean(scheduled)),
            Figure("cues", unit: "ms", cues, note: "depth, surface, surround, stream, light; beside the frame above"),
            Figure("cues, mean", unit: "ms", exactly: mean(cues)),
            Figure("cues, share of the mean frame", unit: "%", exactly: 100 * mean(cues) / mean(scheduled)),
        ]
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }

    private static func isOwn(_ stage: FaceAnalyser.Stage) -> Bool {
        switch stage {
        case .decoding, .sampling, .pose, .quality: true
        case .mesh, .eyes, .detector: false
        }
    }

    private static func note(on stage: FaceAnalyser.Stage) -> String? {
        switch stage {
        case .decoding: "the face's part of the frame"
        case .sampling: "for the mesh and for both eyes"
        case .mesh: "sampling, network and points"
        case .pose, .quality: nil
        case .eyes: "both, sampling and network"
        case .detector: "whole frame decoded, network; every 12th frame"
        }
    }
}

/// Counts heap allocations from a lease to the sampled template, for every pixel format.
func benchAllocations(_ clip: BenchClip, pack: ModelPack, _ printer: FigurePrinter) throws {
    for pixelFormat in PixelFormat.allCases {
        let (frames, format) = try clip.converted(to: pixelFormat, count: 40)
        let pool = FramePool(capacity: 4, bytesPerFrame: format.width * format.height * 2)
        let slot = LatestSlot<FrameLease>()
        var analyst = try Analyst(.init(pack: pack, requirements: FramingRequirements(), source: .virtual))
        var (allocations, sampled) = (UInt64(0), 0)
        for (index, bytes) in frames.enumerated() {
            let before = alc_thread_count()
            guard var lease = pool.lease() else { continue }
            lease.fill(with: bytes)
            lease.format = format
            slot.put(lease)
            guard let frame = slot.take(within: .zero) else { continue }
            let reading = try analyst.observe(frame, .framing(sample: SampleRequest(.first, attempt: 0)))
            // The first frames find the face and start the sample.
            if index >= 2 { allocations += alc_thread_count() - before }
            if reading.sample != nil { sampled += 1 }
        }
        try printer.show(
            Figure(
                "allocationsPerFrame \(pixelFormat.fourCC)", unit: "allocations",
                exactly: Double(allocations) / Double(frames.count - 2),
                note: "\(allocations) in \(frames.count - 2) frames, of which \(sampled) were sampled"))
    }
}
