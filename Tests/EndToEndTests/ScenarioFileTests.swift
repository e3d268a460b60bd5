import Foundation
import Interface
import Platform
import Ports
import Session
import Settings
import Simulator
import Support
import Testing
import Varlink

/// What the first line of a scenario file says will happen, in the words of the interface.
private struct Promise {
    var advice: [String] = []
    var verdict: String?
    var reasons: [String] = []
    var error: String?

    init(_ line: String) {
        let words = line.split { " ,.:#".contains($0) }.map(String.init)
        for (kind, word) in zip(words, words.dropFirst()) {
            switch kind {
            case "advice": advice.append(word)
            case "verdict": verdict = word
            case "reason": reasons.append(word)
            case "error": error = word
            default: break
            }
        }
    }
}

/// All that one verification said.
private struct Conversation {
    var advice: Set<String> = []
    var outcome: Counter.Outcome?
    var error: String?

    init(_ client: inout VarlinkClient) throws {
        while outcome == nil, error == nil {
            let reply = try client.receive(within: CounterHarness.patience)
            error = reply.error.map { String($0.split(separator: ".").last ?? "") }
            guard error == nil else { return }
            let output = try WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters)
            advice.formUnion(output.progress?.advice.map(\.rawValue) ?? [])
            outcome = output.outcome
        }
    }

    func expect(_ promise: Promise, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(promise.verdict != nil || promise.error != nil, "the first line promises nothing")
        #expect(error == promise.error, sourceLocation: sourceLocation)
        #expect(outcome?.verdict.rawValue == promise.verdict, sourceLocation: sourceLocation)
        #expect(advice.isSuperset(of: promise.advice), sourceLocation: sourceLocation)
        let reasons = outcome?.reasons.map(\.rawValue) ?? []
        #expect(Set(reasons).isSuperset(of: promise.reasons), "\(reasons)", sourceLocation: sourceLocation)
    }
}

@Suite(.serialized, .needsPack) struct ScenarioFileTests {
    private static let paths = Repository.files(in: "device/scenarios", suffix: ".conf")

    private func promise(of path: String) throws -> Promise {
        Promise(String(try Repository.text(path).prefix { $0 != "\n" }))
    }

    @Test(arguments: paths) func `every example does what its first line promises`(path: String) throws {
        let setup = try CounterSetup(try SettingsFile(reading: Repository.file(path).path))
        // Another till is a client of the daemon, and has a test of its own.
        guard setup.otherTillTime == .zero else { return }
        let counter = try CounterHarness(setup)
        var client = try counter.beginVerify(counter.documentPortrait())
        try Conversation(&client).expect(try promise(of: path))
        try counter.waitUntilIdle()
        #expect(counter.counter.lightState == .dark)
    }

    @Test func `another till keeps the daemon busy`() throws {
        let path = "device/scenarios/busy.conf"
        let daemon = try RunningDaemon(path)
        try wait { try CounterHarness.status(at: daemon.socket).isBusy }
        var client = try CounterHarness.beginVerify(at: daemon.socket, RunningDaemon.documentPortrait())
        try Conversation(&client).expect(try promise(of: path))
    }
}
