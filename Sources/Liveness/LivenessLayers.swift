package import Biometrics

/// What each layer of presentation attack detection says of one presentation (ISO/IEC 30107-1).
package struct LivenessLayers: Hashable, Sendable {
    package var challengeResponse = Cue.notChecked
    package var depth = Cue.notChecked
    package var light = Cue.notChecked
    package var surface = Cue.notChecked
    package var surround = Cue.notChecked
    package var continuity = Cue.notChecked
    package var injection = Cue.notChecked

    package init(challengeResponse: Cue = .notChecked) { self.challengeResponse = challengeResponse }

    /// Whether any layer is sure of an attack, which outweighs all others.
    package var isAttack: Bool { all.contains(.attack) }

    package var all: [Cue] { [challengeResponse, depth, light, surface, surround, continuity, injection] }
}

/// What all layers together say.
package enum LivenessDecision: Hashable, Sendable {
    case bonaFide
    case attack
    case undetermined
    /// Nothing speaks against a live person, but the layer that stops replays could not say anything.
    case withoutLight
}

/// Whether the light challenge is asked for, and what holds where it cannot be read.
package enum LightDemand: String, Hashable, Sendable, CaseIterable {
    /// Left out, as for customers who are sensitive to flicker.
    case no
    /// Asked for where there are illuminators; the verdict does not depend on whether it could be read.
    case tried
    /// Nobody is verified without it.
    case yes
}

extension LivenessLayers {
    /// Any sure attack wins, and nothing unsure counts as life; there is no score.
    ///
    /// Depth is needed only where light has not spoken: it tells sheets from heads, as light does, but no screen.
    package func decision(demanding light: LightDemand) -> LivenessDecision {
        if isAttack { return .attack }
        guard challengeResponse == .bonaFide, self.light != .undetermined else { return .undetermined }
        if self.light == .bonaFide { return .bonaFide }
        if light == .yes { return .withoutLight }
        return depth == .bonaFide ? .bonaFide : .undetermined
    }
}
