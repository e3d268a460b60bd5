import Evaluation
import Testing

@Suite struct ExactIntervalTests {
    /// Reference values: R's binom.test.
    @Test(arguments: [
        (0, 20, 0.0, 0.16843), (1, 20, 0.00127, 0.24873), (10, 20, 0.27196, 0.72804), (20, 20, 0.83157, 1),
        (3, 6000, 0.000103, 0.001460), (0, 0, 0, 1),
    ]) func `intervals agree with the tables`(events: Int, trials: Int, low: Double, high: Double) {
        let interval = ExactInterval(events: events, trials: trials)
        #expect(abs(interval.low - low) < 2e-5)
        #expect(abs(interval.high - high) < 2e-5)
    }

    @Test func `a thousandth needs three thousand trials without an error`() {
        #expect(trialsNeeded(forRate: 1e-3) == 2995)
    }
}

@Suite struct MedianTests {
    @Test func `of an even number the median is the mean of both in the middle`() {
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 3, 2]) == 2.5)
        #expect(median([]) == nil)
    }
}

@Suite struct ErrorTradeoffTests {
    private let tradeoff = ErrorTradeoff(mated: [0.5, 0.1, 0.3, 0.7], nonMated: [0.9, 0.6, 0.8, 1.0])

    @Test func `rates count what is on the wrong side`() {
        #expect(tradeoff.falseMatchRate(at: 0.85) == 0.5)
        #expect(tradeoff.falseNonMatchRate(at: 0.4) == 0.5)
        #expect(tradeoff.equalErrorRate == 0.25)
    }

    @Test func `the threshold keeps the false match rate`() throws {
        let point = try #require(tradeoff.point(atFalseMatchRate: 0.01))
        #expect(point.threshold == 0.6)
        #expect(point.fnmr == 0.25)
        #expect(tradeoff.falseMatchRate(at: point.threshold) == 0)
        #expect(ErrorTradeoff(mated: [], nonMated: []).point(atFalseMatchRate: 0.1) == nil)
    }

    @Test func `folds are judged by the threshold of the others`() throws {
        let good = [LabelledDistance(distance: 0.2, isMated: true), LabelledDistance(distance: 0.9, isMated: false)]
        let bad = [LabelledDistance(distance: 0.9, isMated: true), LabelledDistance(distance: 0.2, isMated: false)]
        #expect(try #require(foldedAccuracy([good, good, good])).accuracy == 1)
        let mixed = try #require(foldedAccuracy([good, good, bad]))
        #expect(abs(mixed.accuracy - 2.0 / 3) < 1e-9)
        #expect(abs(mixed.standardError - 1.0 / 3) < 1e-9)
        #expect(foldedAccuracy([good]) == nil)
    }
}
