import Rendering
import Simulator
import Trials

/// What came of honest persons with one face, bare and in enough light, under all conditions.
struct FaceSummary {
    /// 0 is the photographed one, see `Person`.
    let number: Int
    let seeds: Int
    let trials: Int
    let verified: Share
    /// Called an attack.
    let accused: Share
    /// Whose light was read twice.
    let twicePlayed: Share

    /// Of all faces that came, by their number.
    static func all(_ trials: [Arm: [Trial]]) -> [FaceSummary] {
        let honest = Condition.allCases.filter { $0 != .mask }.map { Arm(kind: .honest($0)) }
        let faces = honest.flatMap { arm in
            (trials[arm] ?? []).map { (number: arm.setup(seed: $0.seed).person.number, trial: $0) }
        }
        return Dictionary(grouping: faces, by: \.number).sorted { $0.key < $1.key }.map { number, faces in
            FaceSummary(number, faces.map(\.trial))
        }
    }

    private init(_ number: Int, _ trials: [Trial]) {
        func share(_ isCounted: (Trial) -> Bool) -> Share { Share(trials.count(where: isCounted), of: trials.count) }
        self.number = number
        self.seeds = Set(trials.map(\.seed)).count
        self.trials = trials.count
        self.verified = share { $0.verdict == "verified" }
        self.accused = share { $0.outcome == .attack }
        self.twicePlayed = share { $0.patterns > 1 }
    }
}
