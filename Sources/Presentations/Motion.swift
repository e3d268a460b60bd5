import Glibc
package import Rendering

/// A movement from one value to another along the path of least jerk (Flash and Hogan, 1985), as limbs and heads move.
struct Glide {
    private var from: Double
    private(set) var target: Double
    private var start = 0.0
    private var length = 0.0

    init(at value: Double) {
        self.from = value
        self.target = value
    }

    func value(at time: Double) -> Double {
        if time >= start + length { return target }
        let share = max((time - start) / length, 0)
        return from + (target - from) * share * share * share * (10 - share * (15 - share * 6))
    }

    mutating func go(to target: Double, from start: Double, taking length: Double) {
        self.from = value(at: start)
        (self.target, self.start, self.length) = (target, start, length)
    }
}

/// The small unrest of a standing person: a few slow waves that never repeat together.
package struct Sway {
    private var waves: [(size: Double, pace: Double, phase: Double)] = []

    /// `size` is about the standard deviation; a `pace` is cycles per second.
    package init(size: Double, paces: ClosedRange<Double>, _ dice: inout Dice) {
        for _ in 0..<4 {
            waves.append(
                (size * dice.uniform(0.4...1), dice.uniform(paces), dice.uniform(0...(2 * .pi))))
        }
    }

    package func value(at time: Double) -> Double {
        var sum = 0.0
        for index in waves.indices {
            sum += waves[index].size * sin(2 * .pi * waves[index].pace * time + waves[index].phase)
        }
        return sum * 0.7
    }
}

/// Eyelids: they close by nature every few seconds, and when asked.
struct Lids {
    private var start: Double
    private var length: Double
    private var next: Double
    private let gap: Double

    /// `gap` is the mean time between natural blinks, beyond the two seconds that always pass.
    init(gap: Double, _ dice: inout Dice) {
        self.gap = gap
        self.start = -1
        self.length = 0.2
        self.next = dice.uniform(0.5...3) * gap / 1.5
    }

    /// 0 is open, 1 closed; call with rising times.
    mutating func closure(at time: Double, _ dice: inout Dice) -> Double {
        if time >= next { blink(at: next, for: dice.uniform(0.15...0.35), &dice) }
        let share = (time - start) / length
        if share < 0 || share > 1 { return 0 }
        // Lids fall faster than they rise.
        let phase = share < 0.35 ? share / 0.35 : share < 0.5 ? 1 : (1 - share) / 0.5
        return phase * phase * (3 - 2 * phase)
    }

    /// Starts a blink and puts the next natural one off.
    mutating func blink(at time: Double, for length: Double, _ dice: inout Dice) {
        (self.start, self.length) = (time, length)
        next = time + min(2 + dice.waiting(mean: gap), 4 * gap)
    }
}
