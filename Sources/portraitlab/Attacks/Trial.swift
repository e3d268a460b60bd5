import Biometrics
import Cues
import Interface
import Liveness
import Ports

/// How one presentation to a whole verification ended.
struct Trial {
    let seed: UInt64
    let verdict: String
    let reasons: [String]
    /// From the request to the verdict, in the simulated counter's time.
    let milliseconds: Int
    /// What each layer said, by its name: `passed`, `failed`, `undetermined` or `notChecked`.
    let layers: [String: String]
    /// How many light patterns were read.
    let patterns: Int
    /// Rise under left and right, shading, its error and its spread, the front's shading, the misfit, the rise that was
    /// expected and both unevennesses, see `LightReading`; in thousandths, -1 where nothing was expected and 99999 where
    /// an unevenness could not be told, empty without a pattern.
    let light: [Int]

    init(_ result: SimulationResult) {
        (seed, verdict, reasons) = (result.seed, result.verdict, result.reasons)
        (milliseconds, layers) = (result.milliseconds, result.layers)
        patterns = result.light?.patterns ?? 0
        light =
            result.light.map { light in
                [
                    light.left, light.right, light.shading, light.shadingError, light.shadingSpread, light.frontShading,
                    light.misfit, light.expectedRise ?? -0.001, light.unevenness ?? 99.999,
                    light.middleUnevenness ?? 99.999,
                ].map { Int(exactly: ($0 * 1000).rounded()) ?? 0 }
            } ?? []
    }

    /// What presentation attack detection decided.
    enum Decision { case bonaFide, attack, none }

    /// And why, where it did not.
    enum Outcome {
        case bonaFide, attack
        /// The challenge was not answered to its end.
        case nonResponse
        case undetermined
        /// The light that the policy demands could not be read.
        case withoutLight
    }

    var outcome: Outcome {
        switch decision(demanding: .yes) {
        case .bonaFide: .bonaFide
        case .attack: .attack
        case .none where !hasResponded: .nonResponse
        case .none where verdict == "refer": .withoutLight
        case .none: .undetermined
        }
    }

    /// Whether the challenge was answered to its end.
    private var hasResponded: Bool { layers["challengeResponse"] == "passed" }

    /// What the layers decide where the policy has that demand of light.
    func decision(demanding light: LightDemand) -> Decision { decision(of: layers, demanding: light) }

    /// The decision if one layer had not been there: nobody would ask for it either.
    ///
    /// Without depth the light is judged as if no turn had been read.
    func decision(without layer: String, demanding light: LightDemand) -> Decision {
        var others = layers
        // Two layers are demanded by name, depth where the light was not read.
        others[layer] = ["challengeResponse", "depth"].contains(layer) ? "passed" : nil
        if layer == "depth", let reading = lightReading { others["light"] = word(reading.result(beside: .unread)) }
        return decision(of: others, demanding: layer == "light" ? .tried : light)
    }

    private func decision(of layers: [String: String], demanding light: LightDemand) -> Decision {
        switch LivenessLayers(named: layers).decision(demanding: light) {
        case .attack: .attack
        // Nothing was decided about somebody who may not be who was there before; who did not respond was not compared.
        case .bonaFide: hasResponded && layers["continuity"] == "undetermined" ? .none : .bonaFide
        case .undetermined, .withoutLight: .none
        }
    }
}

extension Trial {
    /// What was kept of the light's reading, of enough places and frames; `nil` without one.
    private var lightReading: LightReading? {
        guard light.count == Self.readingCount else { return nil }
        let numbers = light.map { Double($0) / 1000 }
        func told(_ unevenness: Double) -> Double? { unevenness < 99.9 ? unevenness : nil }
        var reading = LightReading(
            left: numbers[0], right: numbers[1], front: 0, shading: numbers[2], shadingError: numbers[3],
            unevenness: told(numbers[8]), middleUnevenness: told(numbers[9]), shadingSpread: numbers[4],
            frontShading: numbers[5], misfit: numbers[6], patchCount: Thresholds.Light.leastPatches,
            frameCount: Thresholds.Light.leastFrames, patternCount: patterns, faceWidth: 1, delay: .zero)
        guard numbers[7] >= 0 else { return reading }
        // A calibration under which just that rise is expected.
        let exposure = HeldExposure(time: 1, gain: nil)
        let calibration = LightCalibration(
            delayMilliseconds: 0, left: numbers[7], right: numbers[7], front: 0, faceWidth: 1, exposure: exposure)
        reading.expect(calibration, at: exposure)
        return reading
    }
}

extension LivenessLayers {
    /// Reads them as receipts name them; what is missing was not checked.
    fileprivate init(named words: [String: String]) {
        func cue(_ name: String) -> Cue { Cue.allCases.first { word($0) == words[name] } ?? .notChecked }
        self.init(challengeResponse: cue("challengeResponse"))
        (depth, light, surface) = (cue("depth"), cue("light"), cue("surface"))
        (surround, continuity, injection) = (cue("surround"), cue("continuity"), cue("injection"))
    }
}

/// As receipts name it.
private func word(_ cue: Cue) -> String { Counter.LayerResult(cue).rawValue }
