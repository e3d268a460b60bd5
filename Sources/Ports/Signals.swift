import Platform

/// What the device tells the people at the counter by its indicators.
package enum Signal: String, Hashable, Sendable, CaseIterable {
    case off
    /// A verification could start.
    case ready
    /// A verification runs and asks nothing.
    case capturing
    /// The customer is asked to do something.
    case instruct
    case accepted
    /// Every other verdict: the screen tells which, the lamp accuses nobody.
    case refused
    /// A part is missing: nothing can be verified.
    case outOfOrder
    case maintenance
}

/// The lights that tell something, by colour.
package struct Indicators: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let green = Indicators(rawValue: 1)
    package static let yellow = Indicators(rawValue: 2)
    package static let red = Indicators(rawValue: 4)
    package static let white = Indicators(rawValue: 8)
}

/// How the indicators show one signal.
package struct SignalPattern: Hashable, Sendable {
    /// Indicators that are lit, then dark, again and again.
    package struct Blinking: Hashable, Sendable {
        package var indicators: Indicators
        package var lit: Duration
        package var dark: Duration

        package init(_ indicators: Indicators, lit: Duration, dark: Duration) {
            self.indicators = indicators
            self.lit = lit
            self.dark = dark
        }
    }

    package var steady: Indicators
    package var blinking: [Blinking]

    package init(steady: Indicators = [], blinking: [Blinking] = []) {
        self.steady = steady
        self.blinking = blinking
    }

    /// What is left of it on a device that has `indicators`.
    package func limited(to indicators: Indicators) -> SignalPattern {
        let blinking = blinking.compactMap { part in
            let left = part.indicators.intersection(indicators)
            return left.isEmpty ? nil : Blinking(left, lit: part.lit, dark: part.dark)
        }
        return SignalPattern(steady: steady.intersection(indicators), blinking: blinking)
    }

    /// The indicators that are lit `time` after the signal began.
    package func lit(at time: Duration) -> Indicators {
        blinking.reduce(steady) { lit, part in
            time.remainder(by: part.lit + part.dark) < part.lit ? lit.union(part.indicators) : lit
        }
    }

    /// When after `time` an indicator changes next; `nil` when all are steady.
    package func nextChange(after time: Duration) -> Duration? {
        blinking.map { part in
            let phase = time.remainder(by: part.lit + part.dark)
            return time - phase + (phase < part.lit ? part.lit : part.lit + part.dark)
        }.min()
    }
}

extension Duration {
    fileprivate func remainder(by divisor: Duration) -> Duration {
        .nanoseconds(nanoseconds % max(divisor.nanoseconds, 1))
    }
}

/// A pattern for every signal; `.off` is dark.
package struct SignalPatterns: Hashable, Sendable {
    private var patterns: [Signal: SignalPattern]

    /// Signals that are left out are dark.
    package init(_ patterns: [Signal: SignalPattern]) { self.patterns = patterns }

    package subscript(signal: Signal) -> SignalPattern {
        get { signal == .off ? SignalPattern() : patterns[signal] ?? SignalPattern() }
        set { patterns[signal] = newValue }
    }

    /// What a device shows whose board profile says nothing else.
    package static let standard = SignalPatterns([
        .ready: SignalPattern(steady: .green),
        .capturing: SignalPattern(steady: .white),
        .instruct: SignalPattern(blinking: [.init(.white, lit: .milliseconds(500), dark: .milliseconds(500))]),
        .accepted: SignalPattern(blinking: [.init(.green, lit: .milliseconds(250), dark: .milliseconds(250))]),
        .refused: SignalPattern(steady: .yellow),
        .outOfOrder: SignalPattern(steady: .red),
        .maintenance: SignalPattern(blinking: [.init(.yellow, lit: .seconds(1), dark: .seconds(1))]),
    ])

    /// What is left of them on a device that has `indicators`.
    package func limited(to indicators: Indicators) -> SignalPatterns {
        SignalPatterns(patterns.mapValues { $0.limited(to: indicators) })
    }
}
