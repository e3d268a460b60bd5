import Biometrics
import Glibc
import Imaging
package import Rendering

/// The kinds of attack that can be simulated: presentation attack instruments (ISO/IEC 30107-3), persons who take each
/// other's place, and pictures in the camera's.
package enum Species: String, Hashable, Sendable, CaseIterable {
    /// A flat photograph that a hand tilts as the challenge asks.
    case movedPrint
    /// A photograph bent over a cylinder of 8 to 22 cm, convex or concave, about some axis, and tilted.
    case bentPrint
    /// A photograph that swings steadily.
    case wavedPrint
    /// A photograph held against a live face whose eyes look through two holes.
    case eyeholePrint
    /// One half of a photograph, cut along some line, over a live face whose brow and eyes, or left or right, stay bare.
    case halfPrint
    /// A phone or a tablet in the hand plays a video of the person, who turns and blinks by chance.
    case phoneReplay, tabletReplay
    /// A monitor on a stand fills the frame and plays such a video.
    case standReplay
    /// An operator with keys plays the clip that fits the instruction, 0.4 to 0.8 s after it is shown.
    case chosenReplay
    /// The same on a stand, in a video whose light changes as the device might change it, see `ForgedLight`: by a
    /// guess, or by what a photodiode sees.
    case guessingReplay, followingReplay
    /// A monitor on a stand plays all movements in turn, again and again, so that each is answered in time.
    case cyclingReplay
    /// A live person takes the place of another one when the challenge begins, for good or until it is over.
    case exchangedPerson, lentPerson
    /// Not before the camera but in its stead, see `Injection`.
    case loopedStream, frozenStream, cutStream, noisyStream

    /// What stands in for the camera; `nil` for what is before it.
    package var injection: Injection.Kind? {
        switch self {
        case .loopedStream: .looped
        case .frozenStream: .frozen
        case .cutStream: .cut
        case .noisyStream: .noisy
        case .movedPrint, .bentPrint, .wavedPrint, .eyeholePrint, .halfPrint, .phoneReplay, .tabletReplay,
            .standReplay, .chosenReplay, .guessingReplay, .followingReplay, .cyclingReplay, .exchangedPerson,
            .lentPerson:
            nil
        }
    }
}

/// Everything that an attack is made from; equal plans make equal attacks.
///
/// All sizes, bends, distances, speeds and settings are drawn from the seed within the ranges written here.
package struct AttackPlan {
    package let species: Species
    package let seed: UInt64
    /// Whose pictures are shown.
    package let victim: Person
    /// Who holds or wears them.
    package let attacker: Person
    package let portrait: Portrait
    /// The room light's colour on live skin.
    package let cast: SIMD3<Float>
    package let textureScale: Int

    package init(
        _ species: Species, seed: UInt64, victim: Person, attacker: Person, portrait: Portrait, cast: SIMD3<Float>,
        textureScale: Int
    ) {
        self.species = species
        self.seed = seed
        self.victim = victim
        self.attacker = attacker
        self.portrait = portrait
        self.cast = cast
        self.textureScale = textureScale
    }

    /// Makes what stands before the camera; injections have nothing there.
    package func makeSubject() -> any Subject {
        var dice = Dice(seed: seed, purpose: .instrument)
        switch species {
        case .movedPrint: return print(bend: .flat, turn: 20...50, &dice)
        case .bentPrint:
            let radius = Float(dice.uniform(8...22)) * (dice.chance(0.6) ? 1 : -1)
            let axis = dice.chance(0.5) ? 0 : dice.chance(0.5) ? 90 : dice.uniform(-60...60)
            return print(bend: Bend(radius: radius, axis: axis), turn: 25...48, &dice)
        case .wavedPrint:
            let wave = HeldPrint.Wave(
                yaw: dice.uniform(15...35), aside: dice.uniform(0...4), pace: dice.uniform(0.4...1))
            return print(bend: .flat, wave: wave, turn: 10...20, &dice)
        case .eyeholePrint: return wornPrint(cut: .eyes, &dice)
        case .halfPrint: return wornPrint(cut: halfCut(&dice), &dice)
        case .phoneReplay: return phone(.acting, &dice)
        case .tabletReplay: return tablet(.acting, &dice)
        case .standReplay: return stand(.acting, &dice)
        case .chosenReplay: return dice.chance(0.5) ? stand(.operated, &dice) : tablet(.operated, &dice)
        case .guessingReplay: return stand(.operated, forging: ForgedLight(.guessed, seed: seed), &dice)
        case .followingReplay: return stand(.operated, forging: ForgedLight(.followed, seed: seed), &dice)
        case .cyclingReplay: return stand(.cycling, &dice)
        case .exchangedPerson, .lentPerson, .loopedStream, .frozenStream, .cutStream, .noisyStream:
            return LivePerson(
                victim, replacedBy: attacker, isLent: species == .lentPerson, in: portrait, cast: cast,
                textureScale: textureScale, behaviour: Behaviour(Habits(), seed: seed, visit: 1))
        }
    }
}

// MARK: - Prints

extension AttackPlan {
    private func print(
        bend: Bend, wave: HeldPrint.Wave? = nil, turn: ClosedRange<Double>, _ dice: inout Dice
    ) -> HeldPrint {
        var habits = Habits()
        habits.held = 34...46
        habits.turn = turn
        habits.look = 15...40
        habits.unrest = dice.uniform(0.8...2)
        let width = Float(dice.uniform(17...24))
        let print = Print(
            of: victim, in: portrait, width: width, faceWidth: width * Float(dice.uniform(0.5...0.66)), seed: seed)
        return HeldPrint(print, bend: bend, wave: wave, habits: habits, seed: seed)
    }

    private func halfCut(_ dice: inout Dice) -> Print.Cut {
        let slant = Float(dice.uniform(-20...20) * .pi / 180)
        if dice.chance(0.5) {
            return .half(place: [0, Float(dice.uniform(0.5...2.5))], way: [sin(slant), -cos(slant)])
        }
        let side: Float = dice.chance(0.5) ? 1 : -1
        return .half(place: [Float(dice.uniform(-1.5...1.5)), 3], way: [side * cos(slant), sin(slant)])
    }

    private func wornPrint(cut: Print.Cut, _ dice: inout Dice) -> WornPrint {
        var habits = Habits()
        habits.isReady = true
        let wearer = LivePerson(
            attacker, in: portrait, cast: cast, textureScale: textureScale,
            behaviour: Behaviour(habits, seed: seed, visit: 1))
        let print = Print(
            of: victim, in: portrait, width: Float(dice.uniform(19...23)), faceWidth: nil, cut: cut, seed: seed)
        let bend = Bend(radius: Float(dice.uniform(12...30)), axis: 0)
        return WornPrint(print, bend: bend, wornBy: wearer)
    }
}

// MARK: - Displays

extension AttackPlan {
    private func phone(_ plot: Performance.Plot, _ dice: inout Dice) -> Replay {
        let width = Float(dice.uniform(6.4...7.4))
        let traits = DisplayTraits(
            size: [width, width * 2.1], bezel: 0.2...0.7, density: 155...200, &dice)
        return handheld(plot, on: traits, columns: 380, rows: 798, faceShare: 0.72...0.9, at: 19...27, &dice)
    }

    private func tablet(_ plot: Performance.Plot, _ dice: inout Dice) -> Replay {
        let width = Float(dice.uniform(14...20))
        let traits = DisplayTraits(
            size: [width, width * 4 / 3], bezel: 0.6...1.6, density: 90...115, &dice)
        return handheld(plot, on: traits, columns: 720, rows: 960, faceShare: 0.6...0.76, at: 32...44, &dice)
    }

    /// The hand keeps the display straight and heeds advice about its place.
    private func handheld(
        _ plot: Performance.Plot, on traits: DisplayTraits, columns: Int, rows: Int, faceShare: ClosedRange<Double>,
        at distance: ClosedRange<Double>, _ dice: inout Dice
    ) -> Replay {
        var habits = Habits()
        habits.held = distance
        habits.turn = 0...0
        habits.look = 0...0
        habits.unrest = dice.uniform(0.8...2)
        let share = Float(dice.uniform(faceShare))
        let footage = footage(plot, columns: columns, rows: rows, faceWidth: Float(columns) * share, &dice)
        return Replay(
            footage, on: traits, hand: Behaviour(habits, seed: seed, visit: 1), at: Posture.frontal(at: 30),
            frameRate: dice.chance(0.5) ? 30 : 25)
    }

    /// A display that is wider and higher than what the camera sees there.
    private func stand(_ plot: Performance.Plot, forging forged: ForgedLight? = nil, _ dice: inout Dice) -> Replay {
        let width = Float(dice.uniform(56...64))
        let traits = DisplayTraits(size: [width, width * 9 / 16], bezel: 1...2, density: 36...72, &dice)
        let distance = dice.uniform(34...38)
        // The face looks as large as one that stands where the device wants it.
        let faceWidth = Head.faceWidth * Float(distance / dice.uniform(54...66))
        var posture = Posture.frontal(at: distance)
        posture.position.y = dice.uniform(-1...1)
        posture.pose.yaw = dice.uniform(-4...4)
        posture.pose.pitch = dice.uniform(-4...4)
        let footage = footage(
            plot, columns: 1280, rows: 720, faceWidth: faceWidth / width * 1280, forging: forged, &dice)
        return Replay(footage, on: traits, hand: nil, at: posture, frameRate: dice.chance(0.5) ? 30 : 25)
    }

    private func footage(
        _ plot: Performance.Plot, columns: Int, rows: Int, faceWidth: Float, forging forged: ForgedLight? = nil,
        _ dice: inout Dice
    ) -> Footage {
        Footage(
            of: victim, in: portrait, columns: columns, rows: rows, focalLength: faceWidth / Head.faceWidth * 60,
            seed: seed, performance: Performance(plot, seed: seed, jumpSize: dice.uniform(0...1.2)), forging: forged)
    }

    /// Makes what replaces the camera's own pictures of `width` × `height` pixels; `nil` for attacks before it.
    package func makeInjection(width: Int, height: Int) -> Injection? {
        species.injection.map { Injection($0, plan: self, width: width, height: height) }
    }
}
