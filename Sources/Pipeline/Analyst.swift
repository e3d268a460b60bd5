package import Biometrics
package import Cues
package import Faces
package import Frames
package import Imaging
package import Platform
package import Ports
package import Session

/// Everything that looks at one person: made for one verification, freed and zeroed with it.
///
/// Thread-bound. After `accept` the frame path allocates nothing.
package struct Analyst: ~Copyable {
    /// What one verification looks with.
    package struct Setup: Sendable {
        let pack: ModelPack
        let thresholds: ComparisonThresholds
        let requirements: FramingRequirements
        let source: CaptureSource
        let lightDelays: ClosedRange<Duration>

        /// Without `thresholds` those are taken that the pack has as its default; pictures may be late by
        /// `lightDelays`.
        package init(
            pack: ModelPack, thresholds: ComparisonThresholds? = nil, requirements: FramingRequirements,
            source: CaptureSource, lightDelays: ClosedRange<Duration> = LightSwitch.delays(nil)
        ) {
            self.pack = pack
            self.source = source
            self.lightDelays = lightDelays
            self.thresholds = thresholds ?? pack.thresholds
            self.requirements = requirements
        }
    }

    private let requirements: FramingRequirements
    private let thresholds: ComparisonThresholds
    private let lightDelays: ClosedRange<Duration>
    private var analyser: FaceAnalyser
    private var recogniser: FaceRecogniser
    private var signs: CueWatch
    private var reference: Template?
    private var first: Sample
    /// Whom the light fell on.
    private var lit: Sample
    private var second: Sample

    /// One neutral sample as it grows.
    private struct Sample: ~Copyable {
        var request: SampleRequest?
        var sum: TemplateSum
    }

    /// Loads the networks, some 100 ms; tells `onStep` when it has come on.
    package init(_ setup: Setup, onStep: () -> Void = {}) throws(PackFault) {
        self.requirements = setup.requirements
        self.thresholds = setup.thresholds
        self.lightDelays = setup.lightDelays
        self.signs = CueWatch(isLiveStream: setup.source != .recording)
        let pack = setup.pack
        let analyser = try FaceAnalyser(pack: pack)
        onStep()
        let recogniser = try FaceRecogniser(pack: pack)
        onStep()
        self.analyser = analyser
        self.recogniser = recogniser
        self.first = Sample(sum: TemplateSum(dimensions: pack.dimensions))
        self.lit = Sample(sum: TemplateSum(dimensions: pack.dimensions))
        self.second = Sample(sum: TemplateSum(dimensions: pack.dimensions))
    }

    /// Loads every network and lets them look at a grey frame; what keeps them from running is thrown.
    package static func rehearse(_ pack: ModelPack) throws(PackFault) {
        var analyst = try Analyst(Setup(pack: pack, requirements: FramingRequirements(), source: .virtual))
        let (width, height) = (320, 180)
        let grey = SecureBytes(count: width * height, holding: .frames)
        let format = FrameFormat(.grey, width: width, height: height, stride: width)
        grey.withBytes { bytes in
            _ = try? analyst.analyser.observe(
                bytes, format, timestamp: Timestamp(nanoseconds: 0), sequence: 0, eyes: .both)
        }
    }

    /// Takes the ID portrait as the reference of all comparisons; what is thrown after `goesOn` said no means nothing.
    package mutating func accept(_ portrait: RawSpan, while goesOn: () -> Bool = { true }) throws(ReferenceFault) {
        reference = try referenceTemplate(
            of: portrait, analyser: &analyser, recogniser: &recogniser, while: goesOn)
        analyser.reset()
    }

    /// Reads one frame, and adds a usable face to the sample that the schedule names.
    package mutating func observe(
        _ frame: borrowing FrameLease, _ schedule: AnalysisSchedule
    ) throws(ImagingFault) -> FrameReading {
        let observation = try analyser.observe(frame, eyes: schedule.eyes)
        let format = frame.format
        frame.withBytes { signs.observe($0, format, observation, light: schedule.light, by: analyser) }
        guard let request = schedule.sample(for: observation, requirements) else {
            return FrameReading(observation, cues: signs.cues)
        }
        if request.place == .first, request != first.request {
            signs.takeNeutral(observation, of: analyser)
            lit.sum.reset()
        }
        switch request.place {
        case .first: Self.add(&recogniser, analyser, request, to: &first)
        case .lit: Self.add(&recogniser, analyser, request, to: &lit)
        case .second: Self.add(&recogniser, analyser, request, to: &second)
        }
        return FrameReading(observation, sample: request, cues: signs.cues)
    }

    private static func add(
        _ recogniser: inout FaceRecogniser, _ analyser: borrowing FaceAnalyser, _ request: SampleRequest,
        to sample: inout Sample
    ) {
        if sample.request != request {
            sample.sum.reset()
            sample.request = request
        }
        recogniser.add(lastFaceOf: analyser, to: &sample.sum)
    }

    /// The mean template of both samples, sealed: 32-bit floats, least byte first; `nil` without samples.
    package func sealedTemplate(for key: SealingKey) -> [UInt8]? {
        switch first.sum.mean(with: second.sum) {
        case .none: nil
        case .some(let probe): probe.withElements { key.seal($0) }
        }
    }

    /// Compares the first sample with the others, and its common mean with the second one with the portrait; reads what
    /// the illuminators did by when they changed in each pattern.
    package func compare(_ lightRuns: [[LightSwitch]]) -> ProbeDecisions {
        let (samePerson, decision) = compareSamples()
        return ProbeDecisions(
            samePerson: samePerson, reference: decision, light: signs.lightReading(lightRuns, late: lightDelays))
    }

    private func compareSamples() -> (samePerson: ComparisonDecision, reference: ComparisonDecision) {
        guard let earlier = first.sum.mean(), let later = second.sum.mean(),
            let probe = first.sum.mean(with: second.sum)
        else { return (.undetermined, .undetermined) }
        var distances = [earlier.distance(to: later)]
        if let lit = lit.sum.mean() { distances.append(earlier.distance(to: lit)) }
        let samePerson = thresholds.decide(distances: distances)
        switch reference {
        case .none: return (samePerson, .undetermined)
        case .some(let reference): return (samePerson, thresholds.decide(distance: probe.distance(to: reference)))
        }
    }
}
