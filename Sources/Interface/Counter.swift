package import Biometrics
package import Liveness
import Platform
package import Ports
package import Session

/// The types of `io.portraitd.Counter`, as Codable values.
package enum Counter {
    package enum ConsentMethod: String, Codable, Sendable, CaseIterable { case onScreen, onPaper, spoken }

    package struct Consent: Codable, Hashable, Sendable {
        package var noticeVersion: String
        package var givenAt: String
        package var method: ConsentMethod

        package init(noticeVersion: String, givenAt: String, method: ConsentMethod) {
            self.noticeVersion = noticeVersion
            self.givenAt = givenAt
            self.method = method
        }
    }

    /// The portrait is no part of it: the message reader has cut it out.
    package struct Request: Codable, Hashable, Sendable {
        package var transaction: String
        package var nonce: String
        package var purpose: String
        package var consent: Consent?
        /// Empty: the picture itself never comes here.
        package var portrait: String
        package var policy: String?

        package init(transaction: String, nonce: String, purpose: String, consent: Consent?, policy: String? = nil) {
            self.transaction = transaction
            self.nonce = nonce
            self.purpose = purpose
            self.consent = consent
            self.portrait = ""
            self.policy = policy
        }
    }

    package struct VerifyInput: Codable, Hashable, Sendable {
        package var request: Request

        package init(request: Request) { self.request = request }
    }

    package struct VerifyOutput: Codable, Hashable, Sendable {
        package var progress: Progress?
        package var outcome: Outcome?

        package init(progress: Progress? = nil, outcome: Outcome? = nil) {
            self.progress = progress
            self.outcome = outcome
        }
    }

    package struct Box: Codable, Hashable, Sendable {
        package var x: Double
        package var y: Double
        package var width: Double
        package var height: Double
    }

    package struct Outline: Codable, Hashable, Sendable {
        package var box: Box
        package var yawDegrees: Int
        package var pitchDegrees: Int
        package var rollDegrees: Int
        package var eyesOpen: Bool?
    }

    package struct Progress: Codable, Hashable, Sendable {
        package var stage: Stage
        package var instruction: Instruction?
        package var step: Int?
        package var steps: Int?
        package var remainingMilliseconds: Int
        package var advice: [Advice]
        package var outline: Outline?
    }

    package enum LayerResult: String, Codable, Sendable, CaseIterable { case passed, failed, undetermined, notChecked }

    package struct Layers: Codable, Hashable, Sendable {
        package var challengeResponse: LayerResult
        package var depth: LayerResult
        package var light: LayerResult
        package var surface: LayerResult
        package var continuity: LayerResult
        package var injection: LayerResult
        package var surround: LayerResult?
    }

    package struct Step: Codable, Hashable, Sendable {
        package var instruction: Instruction
        package var responded: Bool
    }

    package struct Outcome: Codable, Hashable, Sendable {
        package var transaction: String
        package var verdict: Verdict
        package var reasons: [Reason]
        package var challenge: [Step]
        package var layers: Layers
        package var source: CaptureSource
        package var thresholdSet: String
        package var durationMilliseconds: Int
        package var receipt: String?
        package var sequence: Int?
        package var template: String?
    }

    package enum ReferenceProblem: String, Codable, Sendable, CaseIterable {
        case notJPEG, tooLarge, corrupt, noFace, severalFaces, tooSmall, tooBlurred, turnedAway
    }
}

extension Stage: Codable {}
extension Instruction: Codable {}
extension Advice: Codable {}
extension Verdict: Codable {}
extension Reason: Codable {}

extension Counter.Progress {
    package init(_ progress: Session.Progress) {
        self.stage = progress.prompt.stage
        self.instruction = progress.prompt.instruction
        self.step = progress.step
        self.steps = progress.steps
        self.remainingMilliseconds = Int(progress.remaining.milliseconds)
        self.advice = progress.advice
        self.outline = progress.outline.map(Counter.Outline.init)
    }
}

extension Counter.Outline {
    package init(_ outline: Session.Outline) {
        let box = outline.box
        self.box = Counter.Box(x: box.x, y: box.y, width: box.width, height: box.height)
        self.yawDegrees = outline.yaw
        self.pitchDegrees = outline.pitch
        self.rollDegrees = outline.roll
        self.eyesOpen = outline.eyesOpen
    }
}

extension Counter.LayerResult {
    package init(_ cue: Cue) {
        switch cue {
        case .bonaFide: self = .passed
        case .attack: self = .failed
        case .undetermined: self = .undetermined
        case .notChecked: self = .notChecked
        }
    }
}

extension Counter.Layers {
    package init(_ layers: LivenessLayers) {
        self.challengeResponse = Counter.LayerResult(layers.challengeResponse)
        self.depth = Counter.LayerResult(layers.depth)
        self.light = Counter.LayerResult(layers.light)
        self.surface = Counter.LayerResult(layers.surface)
        self.continuity = Counter.LayerResult(layers.continuity)
        self.injection = Counter.LayerResult(layers.injection)
        self.surround = Counter.LayerResult(layers.surround)
    }

    /// As receipts say it.
    package var byName: [String: String] {
        var names = [
            "challengeResponse": challengeResponse.rawValue, "depth": depth.rawValue, "light": light.rawValue,
            "surface": surface.rawValue, "continuity": continuity.rawValue, "injection": injection.rawValue,
        ]
        names["surround"] = surround?.rawValue
        return names
    }
}

extension Counter.Outcome {
    /// What is told of a decided verification.
    package init(
        _ outcome: Session.Outcome, transaction: String, source: CaptureSource, thresholdSet: String,
        duration: Duration
    ) {
        self.transaction = transaction
        self.verdict = outcome.verdict
        self.reasons = outcome.reasons
        self.challenge = outcome.steps.map { Counter.Step(instruction: $0.instruction, responded: $0.responded) }
        self.layers = Counter.Layers(outcome.layers)
        self.source = source
        self.thresholdSet = thresholdSet
        self.durationMilliseconds = Int(duration.milliseconds)
    }
}
