package import Ports
package import Settings

extension SignalPatterns {
    /// Reads the section `[Signals]` of a board profile, for a board that has `indicators`.
    package init(_ section: inout SettingsSection, indicators: Indicators) {
        self = SignalPatterns.standard.limited(to: indicators)
        for signal in Signal.allCases where signal != .off {
            let key = signal.rawValue.prefix(1).uppercased() + signal.rawValue.dropFirst()
            section.read(key, .pattern, into: &self[signal])
            guard self[signal].limited(to: indicators) != self[signal] else { continue }
            section.report(
                [key], problem: "\(key) in \(section) names an indicator without a line.",
                remedy: "Give it a line in [Lights], or choose another.")
        }
    }
}

extension SettingForm where Value == SignalPattern {
    /// Indicators with spaces between them, each steady, or with the milliseconds that it is lit and dark.
    ///
    /// Nothing may flash more than three times a second, for the sake of persons with photosensitive epilepsy.
    fileprivate static var pattern: Self {
        Self(
            "none, or indicators such as green or red:500/500, with 100 to 10000 ms and at most three flashes a second"
        ) { text in
            if text == "none" { return SignalPattern() }
            var pattern = SignalPattern()
            let parts = text.split(separator: " ")
            for part in parts {
                let halves = part.split(separator: ":", omittingEmptySubsequences: false)
                guard let indicator = halves.first.flatMap({ Indicators(word: String($0)) }) else { return nil }
                switch halves.count {
                case 1: pattern.steady.insert(indicator)
                case 2:
                    guard let blinking = SignalPattern.Blinking(indicator, times: halves[1]) else { return nil }
                    pattern.blinking.append(blinking)
                default: return nil
                }
            }
            return parts.isEmpty ? nil : pattern
        }
    }
}

extension SignalPattern.Blinking {
    fileprivate init?(_ indicators: Indicators, times: Substring) {
        let times = times.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard times.count == 2, times.allSatisfy((100...10_000).contains), times[0] + times[1] >= 334 else {
            return nil
        }
        self.init(indicators, lit: .milliseconds(times[0]), dark: .milliseconds(times[1]))
    }
}

extension Indicators {
    fileprivate init?(word: String) {
        switch word {
        case "green": self = .green
        case "yellow": self = .yellow
        case "red": self = .red
        case "white": self = .white
        default: return nil
        }
    }
}
