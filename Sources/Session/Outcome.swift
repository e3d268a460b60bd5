package import Liveness
package import Ports

/// What a verification concludes; never a score.
package enum Verdict: String, Hashable, Sendable, CaseIterable {
    case verified, notMatched
    /// The comparison is between its two thresholds, or the light challenge could not be read: the clerk decides.
    case refer
    case attackSuspected
    /// No response, time out, camera fault: never counted as an attack.
    case undetermined
}

/// Why a verdict is what it is; several may be given at once, and the words are stable.
package enum Reason: String, Hashable, Sendable, CaseIterable {
    case nonMatch, comparisonUndetermined, personChanged, noFace, severalFaces, poorQuality, noResponse, timeLimit,
        trackBroken, cameraFault, deviceStopping, presentationAttack, livenessUndetermined, lightNotChecked
}

extension Advice {
    /// Why nothing came of a verification whose customer it was given to until the end.
    var reason: Reason {
        switch self {
        case .noFace: .noFace
        case .severalFaces: .severalFaces
        case .moveCloser, .moveBack, .moveIntoCentre, .lookStraight, .tooDark, .tooBright, .holdStill, .openEyes,
            .turnFurther:
            .poorQuality
        }
    }
}

/// A decided verification.
package struct Outcome: Hashable, Sendable {
    package var verdict: Verdict
    package var reasons: [Reason]
    /// The steps that were asked, in order, with what became of them.
    package var steps: [StepRecord]
    package var layers: LivenessLayers

    package init(verdict: Verdict, reasons: [Reason], steps: [StepRecord], layers: LivenessLayers) {
        self.verdict = verdict
        self.reasons = reasons
        self.steps = steps
        self.layers = layers
    }
}

/// One step of the challenge and whether the customer responded.
package struct StepRecord: Hashable, Sendable {
    package let instruction: Instruction
    package let responded: Bool

    package init(instruction: Instruction, responded: Bool) {
        self.instruction = instruction
        self.responded = responded
    }
}

/// How a verification ends.
package enum Ending: Hashable, Sendable {
    case decided(Outcome)
    /// There is a verdict that could not be recorded, so nobody hears it.
    case unrecorded
    /// The portrait cannot serve; the camera was not touched.
    case referenceRefused
    /// The lamp could not be lit, so the camera was not touched.
    case lightsUnavailable(LightsFault)
    /// The camera did not start.
    case cameraUnavailable(CameraFault)
    /// The caller went away before anything was asked of the customer.
    case cancelled
    /// The caller went away from a challenge that had begun.
    case abandoned
}
