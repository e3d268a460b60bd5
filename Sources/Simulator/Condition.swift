import Presentations
import Rendering

/// What may be unusual about an honest person, the light or the camera, and must not look like an attack.
package enum Condition: String, Hashable, Sendable, CaseIterable {
    /// Normal office light, and nothing unusual.
    case office
    /// Skin that reflects about a third of what the portrait's does.
    case darkSkin
    case underexposed, overexposed
    case glasses, hat
    /// Hard light from one side, or from behind.
    case sunlight, backLight
    /// Half the frames, or three times the noise, or exposed three times as long.
    case halfRate, strongNoise, motionBlur
    case slowMover, quickMover
    case blinksOften, blinksRarely
    /// Turns the head by 15° to 19° only.
    case smallTurns
    case talks
    /// Covers mouth and nose: the person is to be told, not accused.
    case mask

    var wear: Wear? {
        switch self {
        case .glasses: .glasses
        case .hat: .hat
        case .mask: .mask
        case .office, .darkSkin, .underexposed, .overexposed, .sunlight, .backLight, .halfRate, .strongNoise,
            .motionBlur, .slowMover, .quickMover, .blinksOften, .blinksRarely, .smallTurns, .talks:
            nil
        }
    }

    var habits: Habits {
        var habits = Habits()
        switch self {
        case .slowMover: habits.slowness = 1.8
        case .quickMover: habits.slowness = 0.6
        case .blinksOften: habits.blinkGap = 0.25
        case .blinksRarely: habits.blinkGap = 7
        case .smallTurns: habits.turn = 15...19
        case .talks: habits.talks = true
        case .office, .darkSkin, .underexposed, .overexposed, .glasses, .hat, .sunlight, .backLight, .halfRate,
            .strongNoise, .motionBlur, .mask:
            break
        }
        return habits
    }

    /// What the camera's exposure aims at, as a factor on linear light.
    var exposureBias: Float {
        switch self {
        case .underexposed: 0.4
        case .overexposed: 1.9
        case .office, .darkSkin, .glasses, .hat, .sunlight, .backLight, .halfRate, .strongNoise, .motionBlur,
            .slowMover, .quickMover, .blinksOften, .blinksRarely, .smallTurns, .talks, .mask:
            1
        }
    }
}
