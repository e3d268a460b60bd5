/// How a value is written.
package struct SettingForm<Value>: Sendable {
    enum Reading {
        case fits(Value)
        /// The part that does not fit.
        case misfit(String)
    }

    /// A noun phrase, such as "a whole number from 1 to 100".
    let expectation: String
    /// The words among which the nearest to a wrong one is looked for.
    private let choices: [String]
    private let parse: @Sendable (String) -> Reading

    private init(_ expectation: String, choices: [String], _ parse: @escaping @Sendable (String) -> Reading) {
        self.expectation = expectation
        self.choices = choices
        self.parse = parse
    }

    /// A form of its own; `parse` returns `nil` for what does not fit `expectation`, a noun phrase.
    package init(_ expectation: String, _ parse: @escaping @Sendable (String) -> Value?) {
        self.init(expectation, choices: []) { text in parse(text).map { .fits($0) } ?? .misfit(text) }
    }

    /// The same form for another type of value.
    package func map<Other>(_ convert: @escaping @Sendable (Value) -> Other) -> SettingForm<Other> {
        SettingForm<Other>(expectation, choices: choices) { [parse] text in
            switch parse(text) {
            case .fits(let value): .fits(convert(value))
            case .misfit(let word): .misfit(word)
            }
        }
    }

    func read(_ text: String) -> Reading { parse(text) }

    func remedy(for word: String) -> String {
        nearestName(to: word, among: choices).map { "Did you mean \($0)?" } ?? "Give \(expectation)."
    }
}

// MARK: Numbers

extension SettingForm where Value == Int {
    /// Digits, with a sign when it is negative.
    package static func integer(in range: ClosedRange<Int>) -> Self {
        Self("a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            wholeNumber(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Bytes: `512`, `64K`, `64M`, `4G`, by powers of 1024.
    package static func size(in range: ClosedRange<Int>) -> Self {
        Self("a size from \(sizeText(range.lowerBound)) to \(sizeText(range.upperBound))") { text in
            amount(text, units: sizeUnits).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingForm where Value == ClosedRange<Int> {
    /// Two numbers with a hyphen between them, or one for both.
    package static func range(within limits: ClosedRange<Int>) -> Self {
        Self("a number or a range within \(limits.lowerBound)-\(limits.upperBound)") { text in
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { wholeNumber(String($0)) }
            guard (1...2).contains(ends.count), let low = ends.first ?? nil, let high = ends.last ?? nil,
                low <= high, limits.contains(low), limits.contains(high)
            else { return nil }
            return low...high
        }
    }
}

extension SettingForm where Value == Double {
    /// Digits, at most one point, and a sign when it is negative.
    package static func number(in range: ClosedRange<Double>) -> Self {
        Self("a number from \(range.lowerBound) to \(range.upperBound)") { text in
            // `Double` would take nan, inf, exponents and hexadecimal numbers too.
            guard text.utf8.count <= 20, text.allSatisfy({ $0.isASCIIDigit || $0 == "-" || $0 == "." }) else {
                return nil
            }
            return Double(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingForm where Value == Duration {
    /// A whole number and its unit: `500ms`, `6s`, `2min`, `12h`, `30d`.
    package static func duration(in range: ClosedRange<Duration>) -> Self {
        Self("a duration from \(durationText(range.lowerBound)) to \(durationText(range.upperBound))") { text in
            guard !text.allSatisfy(\.isASCIIDigit), let milliseconds = amount(text, units: durationUnits) else {
                return nil
            }
            let duration = Duration.milliseconds(milliseconds)
            return range.contains(duration) ? duration : nil
        }
    }
}

// MARK: Words

extension SettingForm where Value == Bool {
    /// `yes` or `no`.
    package static var boolean: Self {
        Self("yes or no") { ["yes": true, "no": false][$0] }
    }
}

extension SettingForm where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One case of an enumeration.
    package static var word: Self {
        let choices = Value.allCases.map(\.rawValue)
        return Self("one of \(choices.joined(separator: ", "))", choices: choices) { text in
            Value(rawValue: text).map { .fits($0) } ?? .misfit(text)
        }
    }
}

extension SettingForm {
    /// Different words with spaces between them, out of `choices`, in whatever order.
    package static func words<Word: RawRepresentable & Hashable & Sendable>(
        _ choices: [Word], atLeast least: Int
    ) -> Self where Value == [Word], Word.RawValue == String {
        let names = choices.map(\.rawValue)
        let expectation = "\(least) or more different words of \(names.joined(separator: ", "))"
        return Self(expectation, choices: names) { text in
            var words: [Word] = []
            for part in text.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
                guard let word = choices.first(where: { $0.rawValue == part }), !words.contains(word) else {
                    return .misfit(String(part))
                }
                words.append(word)
            }
            return words.count >= least ? .fits(words) : .misfit(text)
        }
    }
}

extension SettingForm where Value == String {
    /// What names a thing in settings: `[a-z][a-zA-Z0-9-]{0,31}`.
    package static var name: Self {
        Self("a name of a small letter and up to 31 letters, digits and hyphens") { text in
            let isRight =
                (1...32).contains(text.utf8.count) && ("a"..."z").contains(text.unicodeScalars.first ?? "-")
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            return isRight ? text : nil
        }
    }

    /// One of `choices`.
    package static func word(among choices: [String]) -> Self {
        Self("one of \(choices.joined(separator: ", "))", choices: choices) {
            choices.contains($0) ? .fits($0) : .misfit($0)
        }
    }

    /// From the root of the file system on.
    package static var absolutePath: Self {
        Self("a path that begins with /") { $0.hasPrefix("/") ? $0 : nil }
    }
}
