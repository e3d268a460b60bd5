import Foundation
import Testing

/// The words of portraitctl, wherever they are written down.
@Suite struct CommandTextTests {
    private static let usage: String = {
        let help = try? Program.run([Repository.programs.appending(path: "portraitctl").path, "--help"])
        return help?.output ?? ""
    }()

    /// What the usage text has, with the second word of those that need one.
    private static var commands: [String] {
        usage.matches(of: /(?m)^([a-z][a-z-]*)(?: ([a-z|]+))?(?: --portrait)?(?: FILE)? {2,}/).flatMap { match in
            match.2?.split(separator: "|").map { "\(match.1) \($0)" } ?? [String(match.1)]
        }
    }

    private static var firstWords: Set<String> { Set(commands.map { String($0.prefix { $0 != " " }) }) }

    private func texts(in folder: String, suffix: String) throws -> [(path: String, text: String)] {
        let files = FileManager.default.enumerator(atPath: Repository.file(folder).path)?.compactMap { $0 as? String }
        return try (files ?? []).filter { $0.hasSuffix(suffix) }.map {
            ("\(folder)/\($0)", try Repository.text("\(folder)/\($0)"))
        }
    }

    @Test func `the usage text has the commands`() {
        #expect(Self.firstWords.count == 17, "\(Self.firstWords.sorted())")
        #expect(Self.commands.contains("maintenance off") && Self.commands.contains("receipts verify"))
    }

    @Test(arguments: ["portraitctl", "portraitd", "portraitlab"])
    func `what is wrong with a call stands in one line`(name: String) throws {
        for words in [[], ["--nonsense"]] {
            let ending = try Program.run([Repository.programs.appending(path: name).path] + words)
            #expect(ending.status == 64 && ending.output.isEmpty)
            #expect(ending.errors.hasPrefix("\(name): ") && ending.errors.hasSuffix("; see \(name) --help\n"))
            #expect(ending.errors.count { $0 == "\n" } == 1, "\(ending.errors)")
        }
    }

    @Test func `every command that a remedy or a page names is one`() throws {
        var count = 0
        let pages = [("README.md", try Repository.text("README.md"))] + (try texts(in: "device", suffix: ".md"))
        for (path, text) in try texts(in: "Sources", suffix: ".swift") + pages {
            // With an option in between it is a whole command line, which other tests run.
            for match in text.matches(of: /\bportraitctl ([a-z][a-z-]*)(?: ([a-z]+))?/) {
                let (first, both) = (String(match.1), "\(match.1) \(match.2 ?? "")")
                if path.hasSuffix(".swift"), text[..<match.range.lowerBound].last == "\"" { continue }
                count += 1
                let needsSecond = Self.commands.contains { $0.hasPrefix("\(first) ") } && first != "cameras"
                #expect(Self.firstWords.contains(first), "\(path): portraitctl \(first)")
                if needsSecond {
                    #expect(match.2 == nil || Self.commands.contains(both), "\(path): portraitctl \(both)")
                }
            }
        }
        #expect(count > 10)
    }

    @Test func `every call of the bench that the README has is one`() throws {
        let help = try Program.run([Repository.programs.appending(path: "portraitlab").path, "--help"]).output
        var count = 0
        for call in try Repository.text("README.md").matches(of: /portraitlab ([a-z-]+)((?: (?:--)?[\w.\/-]+)*)/) {
            let usages = help.matches(of: try Regex("(?m)^\(call.1)\\b.*(?:\\n {8,}.*)*"))
            #expect(!usages.isEmpty, "portraitlab \(call.1)")
            let options = try call.2.split(separator: " ").filter { $0.hasPrefix("--") }.map { try Regex("\($0)\\b") }
            #expect(
                usages.contains { usage in options.allSatisfy { help[usage.range].contains($0) } },
                "portraitlab \(call.1)\(call.2)")
            count += 1
        }
        #expect(count > 8, "\(count)")
    }

    @Test func `manual page and completion know every command and option`() throws {
        let manual = try Repository.text("device/man/portraitctl.1")
        let completion = try Repository.text("device/completion/portraitctl")
        for word in Self.firstWords {
            #expect(manual.contains("Ic \(word)"), "\(word)")
            #expect(completion.firstMatch(of: try Regex("(^|\\s|\")\(word)($|\\s|\")")) != nil, "\(word)")
        }
        for match in Self.usage.matches(of: /(?m)^--([a-z]+)/) {
            #expect(manual.contains("Fl -\(match.1)") && completion.contains("--\(match.1)"), "--\(match.1)")
        }
    }

    @Test func `bash takes the completion and completes`() throws {
        let script = """
            source '\(Repository.file("device/completion/portraitctl").path)'
            COMP_WORDS=(portraitctl maintenance o); COMP_CWORD=2; _portraitctl; echo "${COMPREPLY[@]}"
            COMP_WORDS=(portraitctl doc); COMP_CWORD=1; _portraitctl; echo "${COMPREPLY[@]}"
            """
        let ending = try Program.run(["/bin/bash", "-c", script])
        #expect(ending.status == 0 && ending.output == "on off\ndoctor\n", "\(ending.errors)")
    }
}
