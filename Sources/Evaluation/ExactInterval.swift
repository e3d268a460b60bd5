import Glibc

/// The exact 95 % confidence interval of a rate (Clopper and Pearson, Biometrika 1934).
package struct ExactInterval: Hashable, Sendable {
    package let low: Double
    package let high: Double

    /// The interval for `events` out of `trials`; without trials it is 0...1.
    package init(events: Int, trials: Int) {
        precondition((0...max(trials, 0)).contains(events), "\(events) events in \(trials) trials make no sense")
        guard trials > 0 else {
            self.low = 0
            self.high = 1
            return
        }
        let tail = 0.025
        self.low = events == 0 ? 0 : solve { rate in 1 - binomialCDF(events - 1, trials, rate) - tail }
        self.high = events == trials ? 1 : solve { rate in tail - binomialCDF(events, trials, rate) }
    }
}

/// How many comparisons are needed before no error at all shows, at 95 %, that the rate is below `rate`.
package func trialsNeeded(forRate rate: Double) -> Int { Int((log(0.05) / log(1 - rate)).rounded(.up)) }

/// The zero of a function that grows on 0...1.
private func solve(_ function: (Double) -> Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
        let middle = (low + high) / 2
        if function(middle) < 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
}

/// The probability of at most `events` in `trials` at `rate`.
private func binomialCDF(_ events: Int, _ trials: Int, _ rate: Double) -> Double {
    if rate <= 0 { return 1 }
    if rate >= 1 { return events >= trials ? 1 : 0 }
    var sum = 0.0
    for count in 0...events {
        let choices = lgamma(Double(trials + 1)) - lgamma(Double(count + 1)) - lgamma(Double(trials - count + 1))
        sum += exp(choices + Double(count) * log(rate) + Double(trials - count) * log1p(-rate))
    }
    return min(sum, 1)
}
