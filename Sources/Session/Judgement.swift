import Biometrics
import Cues
import Liveness

/// What a verification that watched a person says in the end.
struct Judgement {
    let cues: PassiveCues
    let steps: [StepRecord]
    let demand: LightDemand
    /// Whether the face that the light fell on was sampled.
    let isLitFaceKnown: Bool
    /// Whether a second pattern was played because the first left it open what the light fell on.
    let wasLightOpen: Bool
    /// Whether the illuminators failed in it.
    let wasLightCut: Bool

    /// Whether what was seen by now is an attack.
    func isAttackSure(light: LightReading? = nil) -> Bool { undecided(light).isAttack }

    /// The end of a verification in which nobody was compared; `reasons` hold unless an attack is sure.
    func givenUp(_ reasons: [Reason], light: LightReading? = nil) -> Outcome {
        let layers = undecided(light)
        return Outcome(
            verdict: layers.isAttack ? .attackSuspected : .undetermined,
            reasons: layers.isAttack ? [.presentationAttack] : reasons, steps: steps, layers: layers)
    }

    /// The verdict of a challenge that was passed.
    func outcome(_ decisions: ProbeDecisions) -> Outcome {
        let decisions = binding(decisions)
        let layers = layers(decisions)
        let (verdict, reasons) = verdict(layers, decisions)
        return Outcome(verdict: verdict, reasons: reasons, steps: steps, layers: layers)
    }

    /// Whether a live person stood there all along but for what the light could not say.
    func isOpenByLightAlone(_ decisions: ProbeDecisions) -> Bool {
        let decisions = binding(decisions)
        var layers = layers(decisions)
        guard layers.light == .undetermined, decisions.samePerson == .match, cues.relief.allowsHead(after: 2) else {
            return false
        }
        layers.light = .bonaFide
        return layers.decision(demanding: demand) == .bonaFide
    }

    /// One person all along is only who was also seen in the light.
    private func binding(_ decisions: ProbeDecisions) -> ProbeDecisions {
        guard decisions.samePerson == .match, !isLitFaceKnown else { return decisions }
        return ProbeDecisions(samePerson: .undetermined, reference: decisions.reference, light: decisions.light)
    }

    /// Of somebody who was not compared, and may have answered every step all the same: the last that was asked is
    /// open until then.
    private func undecided(_ light: LightReading?) -> LivenessLayers {
        let response = steps.last.map { $0.responded ? Cue.bonaFide : .undetermined }
        var layers = layers(challengeResponse: response ?? .notChecked)
        layers.light = cue(of: light)
        if layers.continuity == .bonaFide { layers.continuity = .undetermined }
        return layers
    }

    private func layers(challengeResponse: Cue) -> LivenessLayers {
        var layers = LivenessLayers(challengeResponse: challengeResponse)
        layers.depth = cues.depth
        layers.surface = cues.surface
        layers.surround = cues.surround
        layers.continuity = cues.continuity
        layers.injection = cues.injection
        return layers
    }

    private func layers(_ decisions: ProbeDecisions) -> LivenessLayers {
        var layers = layers(challengeResponse: .bonaFide)
        layers.light = cue(of: decisions.light)
        if layers.continuity != .attack { layers.continuity = decisions.continuity }
        return layers
    }

    /// What was open does not become too weak to tell by one more pattern: a screen that lights up by chance would.
    ///
    /// Whose face was lit in one that failed, nobody knows.
    private func cue(of light: LightReading?) -> Cue {
        let cue = light?.result(beside: cues.relief) ?? .notChecked
        return wasLightOpen && cue == .notChecked || wasLightCut && cue == .bonaFide ? .undetermined : cue
    }

    private func verdict(_ layers: LivenessLayers, _ decisions: ProbeDecisions) -> (Verdict, [Reason]) {
        switch (decisions.samePerson, layers.decision(demanding: demand), decisions.reference) {
        case (.nonMatch, _, _): (.attackSuspected, [.personChanged])
        case (_, .attack, _): (.attackSuspected, [.presentationAttack])
        case (.undetermined, _, _): (.undetermined, [.personChanged])
        case (.match, .undetermined, _): (.undetermined, [.livenessUndetermined])
        case (.match, _, .nonMatch): (.notMatched, [.nonMatch])
        case (.match, .withoutLight, .match): (.refer, [.lightNotChecked])
        case (.match, .withoutLight, .undetermined): (.refer, [.comparisonUndetermined, .lightNotChecked])
        case (.match, .bonaFide, .match): (.verified, [])
        case (.match, .bonaFide, .undetermined): (.refer, [.comparisonUndetermined])
        }
    }
}
