import Ports
import Testing

@Suite struct SignalPatternTests {
    private let pattern = SignalPattern(
        steady: .green,
        blinking: [
            .init(.red, lit: .milliseconds(200), dark: .milliseconds(800)),
            .init(.white, lit: .milliseconds(500), dark: .milliseconds(500)),
        ])

    @Test(
        arguments: [
            (0, [.green, .red, .white], 200), (199, [.green, .red, .white], 200), (200, [.green, .white], 500),
            (500, .green, 1000), (999, .green, 1000), (1000, [.green, .red, .white], 1200),
            (61_350, [.green, .white], 61_500),
        ] as [(Int, Indicators, Int)]) func `each indicator blinks at its own rate`(
            time: Int, lit: Indicators, next: Int
        )
    {
        #expect(pattern.lit(at: .milliseconds(time)) == lit)
        #expect(pattern.nextChange(after: .milliseconds(time)) == .milliseconds(next))
    }

    @Test func `a steady pattern never changes`() {
        #expect(SignalPattern(steady: .red).nextChange(after: .seconds(1)) == nil)
    }

    @Test func `a device shows what it has indicators for`() {
        let limited = pattern.limited(to: [.green, .white])
        #expect(limited.lit(at: .zero) == [.green, .white])
        #expect(limited.blinking.count == 1)
        #expect(SignalPatterns.standard.limited(to: .green)[.outOfOrder] == SignalPattern())
    }

    @Test func `off is dark whatever else is set`() {
        var patterns = SignalPatterns.standard
        patterns[.off] = SignalPattern(steady: .red)
        #expect(patterns[.off] == SignalPattern())
    }

    @Test(arguments: Signal.allCases.filter { $0 != .off }) func `every signal can be seen`(signal: Signal) {
        #expect(SignalPatterns.standard[signal] != SignalPattern())
    }
}
