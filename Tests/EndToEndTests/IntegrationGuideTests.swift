import Foundation
import Presentations
import Settings
import Simulator
import Testing

@Suite struct IntegrationGuideTests {
    private typealias Sentences = [String: [String: [String: String]]]

    private static let guide = (try? Repository.text("device/integration.md")) ?? ""

    private func sentences() throws -> Sentences {
        try JSONDecoder().decode(
            Sentences.self, from: Data(contentsOf: Repository.file("device/clients/sentences.json")))
    }

    /// The words of each enumeration of the interfaces, by its name.
    private func enumerations() throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for path in Repository.files(in: "Sources/Interface", suffix: ".varlink") {
            for match in try Repository.text(path).matches(of: /(?m)^type (\w+) \(([\w, ]+)\)$/) {
                found[String(match.1)] = match.2.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            }
        }
        return found
    }

    private func names(of kind: String) throws -> [String] {
        try Repository.files(in: "Sources/Interface", suffix: ".varlink").flatMap { path in
            try Repository.text(path).matches(of: try Regex("(?m)^\(kind) (\\w+)", as: (Substring, Substring).self))
                .map { String($0.1) }
        }
    }

    @Test func `the first sentence is about the portrait's hash`() {
        #expect(
            Self.guide.contains("\n\n**The backend compares the hash of the portrait in the receipt with its own copy"))
    }

    @Test func `every word of the interfaces is in the guide`() throws {
        let enumerations = try enumerations()
        #expect(enumerations.count > 8)
        for (type, words) in enumerations {
            for word in words { #expect(Self.guide.contains("`\(word)`"), "\(type).\(word)") }
        }
    }

    @Test func `every method and error is in the guide`() throws {
        let (methods, errors) = (try names(of: "method"), try names(of: "error"))
        #expect(methods.count > 3 && errors.count > 8)
        for method in methods { #expect(Self.guide.contains(".\(method)`"), "\(method)") }
        for error in errors { #expect(Self.guide.contains("\n| `\(error)` | "), "\(error)") }
    }

    @Test func `there is a sentence in both languages for every word, in file and guide alike`() throws {
        let (sentences, enumerations) = (try sentences(), try enumerations())
        for (kind, texts) in sentences {
            let words = kind == "Error" ? try names(of: "error") : enumerations[kind]
            #expect(Set(texts.keys) == Set(words ?? []), "\(kind)")
            for (word, text) in texts {
                let (english, chinese) = (text["en"] ?? "", text["zh"] ?? "")
                #expect(english.hasSuffix(".") && chinese.hasSuffix("\u{3002}"), "\(kind).\(word)")
                #expect(Self.guide.contains("\n| `\(word)` | \(english) | \(chinese) |\n"), "\(kind).\(word)")
            }
        }
        #expect(
            Set(sentences.keys)
                == ["Stage", "Instruction", "Advice", "Verdict", "Reason", "ReferenceProblem", "Error"])
    }

    @Test func `every claim of a receipt is in the guide`() throws {
        let source = try Repository.text("Sources/Evidence/Claims.swift")
        let end = try #require(source.range(of: "/// Whose key signs a log."))
        let claims = source[..<end.lowerBound].matches(of: /(?m)^    package var (\w+):/).map { String($0.1) }
        #expect(claims.count > 20)
        for claim in claims { #expect(Self.guide.contains("`\(claim)`"), "\(claim)") }
    }

    @Test func `the example scenario is a right one`() throws {
        let example = try #require(Self.guide.firstMatch(of: /```text\n(\[Scenario\]\n[^`]*)```/)?.1)
        let setup = try CounterSetup(SettingsFile(name: "guide", text: Array(example.utf8)))
        #expect(setup.place == .far && setup.reactionTime == .milliseconds(600))
    }
}
