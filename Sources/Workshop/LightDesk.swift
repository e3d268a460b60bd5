package import Platform
package import Ports

/// Composes what the lights show: the privacy lamp as the camera needs it, and a signal beside it.
///
/// Thread-bound to the loop. A lamp that fails is thrown; a signal that fails is reported once, as it keeps nobody
/// from being verified.
package final class LightDesk {
    /// How long a verdict is shown.
    private static let verdictTime = Duration.seconds(4)

    private let lights: any Lights
    private let patterns: SignalPatterns
    private let loop: EventLoop
    private let onFault: (LightsFault) -> Void
    private var privacyLamp = false
    private var illuminators: Illuminators = []
    private var standing = Signal.off
    private var passing: Signal?
    private var signalStart: Timestamp
    private var isFaulty = false
    /// Set while somebody else drives the lights.
    private var isLent = false
    private var blink: EventLoop.Timer?
    private var passingEnd: EventLoop.Timer?

    package init(
        _ lights: any Lights, patterns: SignalPatterns, loop: EventLoop, onFault: @escaping (LightsFault) -> Void
    ) {
        self.lights = lights
        self.patterns = patterns
        self.loop = loop
        self.onFault = onFault
        self.signalStart = loop.now()
    }

    /// Lights the privacy lamp; the camera may be switched on when it returns.
    package func lightPrivacyLamp() throws(LightsFault) {
        privacyLamp = true
        do throws(LightsFault) { try lights.show(state) } catch {
            privacyLamp = false
            throw error
        }
    }

    /// Lights these illuminators and no others, beside a lit privacy lamp.
    package func illuminate(_ illuminators: Illuminators) throws(LightsFault) {
        self.illuminators = illuminators
        do throws(LightsFault) { try lights.show(state) } catch {
            // What follows must not try again.
            self.illuminators = []
            throw error
        }
    }

    /// Turns the privacy lamp off, after the camera, and the illuminators with it.
    package func darkenPrivacyLamp() throws(LightsFault) {
        (privacyLamp, illuminators) = (false, [])
        try lights.show(state)
    }

    /// Shows `signal` from now on, and again after a verdict.
    package func show(_ signal: Signal) {
        guard signal != standing else { return }
        standing = signal
        if passing == nil { begin() }
    }

    /// Shows whether the person was accepted, for a while.
    package func showVerdict(isAccepted: Bool) {
        passing = isAccepted ? .accepted : .refused
        if let passingEnd { loop.cancel(passingEnd) }
        passingEnd = loop.schedule(at: loop.now() + Self.verdictTime) { [weak self] in self?.endVerdict() }
        begin()
    }

    /// Goes back to the standing signal, as when the next verification begins.
    package func endVerdict() {
        if let passingEnd { loop.cancel(passingEnd) }
        guard passing != nil else { return }
        passing = nil
        begin()
    }

    /// Leaves the lights to somebody else until `takeBack`.
    func lend() {
        isLent = true
        if let blink { loop.cancel(blink) }
    }

    func takeBack() {
        isLent = false
        begin()
    }

    private var signal: Signal { passing ?? standing }

    private var state: LightState {
        LightState(
            privacyLamp: privacyLamp, illuminators: illuminators,
            indicators: patterns[signal].lit(at: loop.now() - signalStart))
    }

    private func begin() {
        signalStart = loop.now()
        refresh()
    }

    private func refresh() {
        if let blink { loop.cancel(blink) }
        if isLent || lights.fixtures.indicators.isEmpty { return }
        do throws(LightsFault) {
            try lights.show(state)
            isFaulty = false
        } catch {
            if !isFaulty { onFault(error) }
            isFaulty = true
        }
        guard let change = patterns[signal].nextChange(after: loop.now() - signalStart) else { return }
        blink = loop.schedule(at: signalStart + change) { [weak self] in self?.refresh() }
    }
}
