import Platform

/// Largest last.
let sizeUnits: [(name: String, factor: Int)] = [("", 1), ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30)]
let durationUnits: [(name: String, factor: Int)] = [
    ("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000),
]

/// A size as it is written in settings: `64M`.
package func sizeText(_ bytes: Int) -> String { amountText(bytes, units: sizeUnits) }

/// A duration as it is written in settings: `30s`; what is below a millisecond is dropped.
package func durationText(_ duration: Duration) -> String {
    duration == .zero ? "0s" : amountText(Int(duration.milliseconds), units: durationUnits)
}

/// A number and its unit, in the smallest one; `nil` for anything else and for what overflows.
func amount(_ text: String, units: [(name: String, factor: Int)]) -> Int? {
    let digits = text.prefix { $0.isASCIIDigit }
    guard let number = Int(digits), let unit = units.first(where: { $0.name == text[digits.endIndex...] }) else {
        return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
    return overflow ? nil : product
}

/// In the largest unit that leaves a whole number.
private func amountText(_ amount: Int, units: [(name: String, factor: Int)]) -> String {
    let unit = units.last { amount % $0.factor == 0 && amount >= $0.factor } ?? units[0]
    return "\(amount / unit.factor)\(unit.name)"
}

/// Digits with a sign when it is negative; `nil` for anything else and for what overflows.
func wholeNumber(_ text: String) -> Int? {
    (text.hasPrefix("-") ? text.dropFirst() : text[...]).allSatisfy(\.isASCIIDigit) ? Int(text) : nil
}

extension Character {
    var isASCIIDigit: Bool { isASCII && isNumber }
}
