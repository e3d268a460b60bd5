import Platform
import Ports
package import Presentations
package import Rendering

/// The words for what happens at the simulated counter; each stands for a whole setup.
package enum Scenario: String, Hashable, Sendable, CaseIterable {
    case willing, impostor, relative, exchanged, still, leaves, unplug
}

/// Who comes to the counter with the ID portrait, and what that person does.
package enum Visitor: String, Hashable, Sendable, CaseIterable {
    /// The person of the ID portrait does what is asked.
    case willing
    /// Somebody else hands in the portrait and does what is asked.
    case impostor
    /// Somebody who looks much like the person of the portrait does what is asked.
    case relative
    /// The person of the portrait, in whose place somebody else stands from the first challenge on.
    case exchanged
    /// Stands there, breathes and blinks, and answers nothing.
    case still
    /// Walks away in the middle.
    case leaves
}

/// How bright the room is.
package enum RoomLight: String, Hashable, Sendable, CaseIterable {
    case usual, dark, bright
}

/// What a camera does wrong, whoever stands before it.
package enum CameraTrouble: String, Hashable, Sendable, CaseIterable {
    case none
    /// From the start on: there is no camera, another program has it, or its node may not be opened.
    case missing, busy, permissionDenied
    /// From the start on: every fourth frame only.
    case slow
    /// After a while: it is pulled off its cable, or delivers nothing more.
    case unplug, stall
    /// After a while: the same picture again and again, or bytes that are no picture.
    case freeze, corrupt

    /// Whether it comes in the middle of a visit.
    var hasOnset: Bool {
        switch self {
        case .unplug, .stall, .freeze, .corrupt: true
        case .none, .missing, .busy, .permissionDenied, .slow: false
        }
    }

    /// What keeps the camera from being switched on.
    func startFault(name: String) -> CameraFault? {
        switch self {
        case .missing: .missing(name: name)
        case .busy: .busy(name: name)
        case .permissionDenied: .permissionDenied(name: name)
        case .none, .slow, .unplug, .stall, .freeze, .corrupt: nil
        }
    }
}

/// What is wrong with the lights from the start on.
package enum LightsTrouble: String, Hashable, Sendable, CaseIterable {
    case none, missing, permissionDenied, taken

    var fault: LightsFault? {
        switch self {
        case .none: nil
        case .missing: .chipMissing(chip: "simulator")
        case .permissionDenied: .permissionDenied(chip: "simulator")
        case .taken: .lineTaken(line: "privacy-lamp", consumer: "simulator")
        }
    }
}

/// Everything that one simulated counter is made from; equal setups behave equally.
package struct CounterSetup: Hashable, Sendable {
    package var visitor = Visitor.willing
    /// From switching the camera on until the visitor comes; `nil` leaves it to chance.
    package var arrival: Duration?
    /// From a prompt until the visitor acts; `nil` leaves it to chance.
    package var reactionTime: Duration?
    package var place = Place.usual
    /// Whose document it is; dark skin is the original's alone.
    package var carrier = Person.original
    /// What is presented instead of a visitor; `nil` for none.
    package var species: Species?
    /// What makes an honest presentation hard.
    package var condition = Condition.office
    package var roomLight = RoomLight.usual
    /// Power of one illuminator as a share of the room's light on a face; `nil` leaves it to chance.
    package var illuminatorShare: Double?
    /// After which the room light is usual again; `nil` for never.
    package var roomLightTime: Duration?
    package var cameraTrouble = CameraTrouble.none
    /// From switching the camera on until a trouble with an onset; `nil` leaves it to chance.
    package var cameraTroubleOnset: Duration?
    package var lightsTrouble = LightsTrouble.none
    /// How long another till keeps the device busy from its start on.
    package var otherTillTime = Duration.zero
    /// Decides all that is left to chance; README.md tells which were tuned on, and which are reported.
    package var seed: UInt64
    /// Pixels, both even.
    package var width = 1280
    package var height = 720

    package init(_ scenario: Scenario = .willing, seed: UInt64) {
        self.seed = seed
        switch scenario {
        case .willing: visitor = .willing
        case .impostor: visitor = .impostor
        case .relative: visitor = .relative
        case .exchanged: visitor = .exchanged
        case .still: visitor = .still
        case .leaves: visitor = .leaves
        case .unplug: cameraTrouble = .unplug
        }
    }

    /// An ordinary visit to the same counter on another day, from 1 on: its illuminators are as strong, all else is drawn
    /// anew.
    package func onAnotherDay(_ day: UInt64) -> CounterSetup {
        var other = CounterSetup(seed: seed ^ day << 40)
        other.illuminatorShare = 1
        other.illuminatorShare = Double(Conditions(self).illuminatorPower / Conditions(other).illuminatorPower)
        (other.width, other.height) = (width, height)
        return other
    }

    /// Who is on the ID portrait.
    package var person: Person { condition == .darkSkin ? .darkSkinned : carrier }

    /// Lets one of all persons carry the document, by the seed.
    package mutating func drawCarrier() {
        var dice = Dice(seed: seed, purpose: .person)
        let persons = [Person.original] + Person.suitable
        carrier = persons[Int(dice.next() % UInt64(persons.count))]
    }

    /// Who stands before the camera at first.
    package var firstPerson: Person {
        switch visitor {
        case .willing, .exchanged, .still, .leaves: person
        case .impostor: otherPerson
        // Between the two thresholds of the comparison, whatever the day.
        case .relative: Person(number: Person.suitable[0].number, share: 0.4)
        }
    }

    /// Who takes the first person's place.
    var secondPerson: Person? {
        switch visitor {
        case .exchanged: otherPerson
        case .willing, .impostor, .relative, .still, .leaves: nil
        }
    }

    /// Somebody else than the person of the portrait.
    var otherPerson: Person {
        var dice = Dice(seed: seed, purpose: .trouble, turn: 1)
        let others = ([Person.original] + Person.suitable).filter { $0 != person }
        return others[Int(dice.next() % UInt64(others.count))]
    }

    /// How the visitor moves and answers.
    package var habits: Habits {
        var habits = condition.habits
        switch visitor {
        case .willing, .impostor, .relative, .exchanged: habits.manner = .willing
        case .still: habits.manner = .still
        case .leaves: habits.manner = .leaving
        }
        habits.arrival = arrival?.seconds
        habits.reactionTime = reactionTime?.seconds
        habits.place = place
        return habits
    }

    /// Seconds of a visit until a trouble with an onset; by chance sooner than any verification can end.
    var secondsUntilTrouble: Double {
        var dice = Dice(seed: seed, purpose: .trouble, turn: 2)
        return cameraTroubleOnset?.seconds ?? Double(30 + dice.next() % 30) / 30
    }
}
