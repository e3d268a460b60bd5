import Foundation

/// A line chart that draws itself as a standalone SVG file.
struct Chart {
    /// One direction of the plane: its range, its spacing, and where it has ticks.
    struct Axis {
        enum Scale {
            case linear
            /// Equal ratios are equally far apart; the range is above 0.
            case logarithmic
            /// Shares between 0 and 1, spaced as in the normal distribution: a DET curve is nearly straight.
            case probit
        }

        struct Tick {
            let value: Double
            let text: String
        }

        let label: String
        let range: ClosedRange<Double>
        var scale = Scale.linear
        let ticks: [Tick]
    }

    struct Series {
        enum Style { case line, dots }

        let name: String
        /// A missing point interrupts the line.
        let points: [SIMD2<Double>?]
        var style = Style.line
    }

    /// A shaded part of the horizontal axis.
    struct Band {
        let range: ClosedRange<Double>
        let label: String
    }

    let title: String
    let horizontal: Axis
    let vertical: Axis
    var series: [Series] = []
    var bands: [Band] = []
    /// Pixels.
    var width = 800.0
    var height = 600.0

    func write(to path: String) throws(LabFault) {
        do {
            try Data(svg.utf8).write(to: URL(filePath: path))
        } catch {
            throw LabFault(problem: "\(path) cannot be written.", status: 73)
        }
    }
}

extension Chart.Axis {
    /// Round steps, about `count` of them.
    init(_ label: String, linear range: ClosedRange<Double>, count: Int = 8) {
        let rough = (range.upperBound - range.lowerBound) / Double(max(count, 1))
        guard rough > 0 else {
            self.init(label: label, range: range, ticks: [Tick(value: range.lowerBound, text: "\(range.lowerBound)")])
            return
        }
        let power = pow(10, log10(rough).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
        let first = Int((range.lowerBound / step).rounded(.up))
        let last = Int((range.upperBound / step).rounded(.down))
        let digits = max(Int(-log10(step).rounded(.down)), 0)
        let ticks = (first...max(first, last)).map { index in
            let value = Double(index) * step
            return Tick(value: value, text: String(format: "%.\(digits)f", value))
        }
        self.init(label: label, range: range, ticks: ticks.filter { range.contains($0.value) })
    }

    /// Where a value lies, 0 at the start of the axis and 1 at its end; far outside when it is not representable.
    func share(of value: Double) -> Double {
        let (start, end) = (position(range.lowerBound), position(range.upperBound))
        guard end > start else { return 0.5 }
        return min(max((position(value) - start) / (end - start), -2), 3)
    }

    private func position(_ value: Double) -> Double {
        switch scale {
        case .linear: value
        case .logarithmic: log(max(value, .leastNormalMagnitude))
        case .probit: probit(value)
        }
    }
}

/// The inverse of the normal distribution's cumulative function, within ±8.
private func probit(_ share: Double) -> Double {
    var (low, high) = (-8.0, 8.0)
    for _ in 0..<50 {
        let middle = (low + high) / 2
        if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
}
