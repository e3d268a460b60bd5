import Platform
package import Ports
import Presentations
package import Rendering

/// A counter with a person, a camera, lights and a screen, all simulated.
///
/// The camera runs on whichever thread reads it; lights and prompts may be shown from any other. What they show waits
/// in two small boxes for the next frame, so that with `ManualTime` on one thread every run is the same.
package final class SimulatedCounter: Sendable {
    package let setup: CounterSetup
    let portrait: Portrait
    let time: any TimeSource

    private struct Screen {
        var prompt: Prompt?
        var time: Timestamp
    }

    private let screen: Monitor<Screen>
    private struct Lamps {
        var state = LightState.dark
        var earlier = LightState.dark
        var changedAt: Timestamp?
    }

    private let lamps = Monitor(Lamps())
    private let latest = Monitor<GroundTruth?>(nil)
    private let visits = Monitor((count: UInt64(0), isOpen: false))
    private let dice: Monitor<Dice>

    package init(_ setup: CounterSetup, portrait: Portrait, time: any TimeSource) {
        self.setup = setup
        self.portrait = portrait
        self.time = time
        self.screen = Monitor(Screen(prompt: nil, time: time.now()))
        self.dice = Monitor(Dice(seed: setup.seed, purpose: .challenge))
    }

    package var camera: SimulatedCamera { SimulatedCamera(counter: self) }
    package var lights: SimulatedLights { SimulatedLights(counter: self) }
    package var prompts: SimulatedPrompts { SimulatedPrompts(counter: self) }
    package var randomness: SimulatedRandomness { SimulatedRandomness(counter: self) }

    /// What the lights show now.
    package var lightState: LightState { lamps.update { $0.state } }

    /// What they showed until a time, which for a camera that is late lies before the last change.
    func lightState(before time: Timestamp) -> LightState {
        lamps.update { lamps in lamps.changedAt.map { time <= $0 } ?? false ? lamps.earlier : lamps.state }
    }

    /// What is true about the newest frame; `nil` before the first.
    package var truth: GroundTruth? { latest.update { $0 } }

    fileprivate func show(_ state: LightState) {
        let now = time.now()
        lamps.update { $0 = Lamps(state: state, earlier: $0.state, changedAt: now) }
    }

    fileprivate func show(_ prompt: Prompt?) {
        let now = time.now()
        screen.update { screen in
            // Repeating what stands there is no news.
            if screen.prompt != prompt { screen = Screen(prompt: prompt, time: now) }
        }
    }

    func heard(since start: Timestamp) -> HeardPrompt {
        screen.update { HeardPrompt(prompt: $0.prompt, time: ($0.time - start).seconds) }
    }

    func note(_ truth: GroundTruth) { latest.update { $0 = truth } }

    /// Numbers the visits; `nil` while one is going on.
    func beginVisit() -> UInt64? {
        visits.update { visits in
            if visits.isOpen { return nil }
            visits = (visits.count + 1, true)
            return visits.count
        }
    }

    func endVisit() { visits.update { $0.isOpen = false } }

    fileprivate func draw() -> UInt64 { dice.update { $0.next() } }
}

/// The lights of a simulated counter; the illuminators light up its scene.
package struct SimulatedLights: Lights {
    fileprivate let counter: SimulatedCounter

    package var fixtures: LightState { .full }

    package func check() throws(LightsFault) {
        if let fault = counter.setup.lightsTrouble.fault { throw fault }
    }

    package func show(_ state: LightState) throws(LightsFault) {
        try check()
        counter.show(state)
    }
}

/// The screen that the simulated person reads.
package struct SimulatedPrompts: Prompts {
    fileprivate let counter: SimulatedCounter

    package func show(_ prompt: Prompt?) { counter.show(prompt) }
}

/// Draws the same at each counter of the same seed.
package struct SimulatedRandomness: Randomness {
    fileprivate let counter: SimulatedCounter

    package func next() -> UInt64 { counter.draw() }
}
