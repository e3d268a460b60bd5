import Configuration
import Evidence
import Foundation
import Liveness
import Platform
import Ports
import Session
import Settings
import Testing

/// The texts as files that are named `0.conf` and so on.
private func files(_ texts: [String]) -> [SettingsFile] {
    texts.enumerated().map { SettingsFile(name: "\($0.offset).conf", text: Array($0.element.utf8)) }
}

private func configuration(_ texts: String...) throws(SettingsFaults) -> Configuration {
    try Configuration(files: files(texts))
}

private func faults(in texts: String...) -> [String] {
    do throws(SettingsFaults) {
        _ = try Configuration(files: files(texts))
        return []
    } catch {
        return error.all.map(\.description)
    }
}

@Suite struct ConfigurationTests {
    @Test func `nothing configured means the defaults`() throws {
        let configuration = try configuration()
        #expect(configuration == Configuration())
        #expect(configuration.log.byteCount == 67_108_864)
        #expect(configuration.log.retention == .seconds(400 * 86_400))
        #expect(configuration.limits.failedTriesPerConnection == 10)
        #expect(configuration.limits.failedTriesPerHour == 60)
        #expect(configuration.limits.pauseAfterFailure == .seconds(2))
        #expect(configuration.limits.longestPause == .seconds(300))
        #expect(configuration.policies.map(\.name) == ["default"])
    }

    @Test func `every key is read`() throws {
        let configuration = try configuration(
            """
            [Log]
            MaximumSize=1G
            Retention=30d

            [Limits]
            FailedTriesPerConnection=4
            FailedTriesPerHour=20
            PauseAfterFailure=500ms
            LongestPause=1min

            [Policy shop]
            Steps=blink turnLeft turnRight
            StepCount=2-3
            Thresholds=strict
            Tries=2
            TimeLimit=40s
            StepLimit=8s
            Restarts=0
            Light=no
            Template=yes
            TemplateKey=/etc/portraitd/operator.key
            """)
        #expect(configuration.log.byteCount == 1 << 30)
        #expect(configuration.log.retention == .seconds(30 * 86_400))
        #expect(configuration.limits.failedTriesPerConnection == 4)
        #expect(configuration.limits.failedTriesPerHour == 20)
        #expect(configuration.limits.pauseAfterFailure == .milliseconds(500))
        #expect(configuration.limits.longestPause == .seconds(60))

        let shop = try #require(configuration.policy(named: "shop"))
        #expect(shop.challenge == ChallengeSet([.turnLeft, .turnRight, .blink], stepCount: 2...3))
        #expect(shop.thresholds == "strict")
        #expect(shop.tries == 2)
        #expect(shop.verification.timeLimit == .seconds(40))
        #expect(shop.verification.stepLimit == .seconds(8))
        #expect(shop.verification.restarts == 0)
        #expect(shop.verification.light == .no)
        #expect(shop.templateKey == "/etc/portraitd/operator.key")
        #expect(configuration.policy(named: "default") == Policy())
        #expect(configuration.policy(named: "other") == nil)
    }

    @Test func `the example of the README sets the defaults`() throws {
        let readme = URL(filePath: #filePath).appending(path: "../../../README.md").standardized
        let text = try String(contentsOf: readme, encoding: .utf8)
        let example = try #require(text.firstMatch(of: /```ini\n(?<text>(?s:.)*?)```/)).output.text
        let configuration = try configuration(String(example))
        var noTurn = Policy()
        noTurn.name = "noTurn"
        noTurn.challenge = try #require(ChallengeSet([.lookUp, .blink], stepCount: 2...2))
        var expected = Configuration()
        expected.policies.append(noTurn)
        #expect(configuration == expected)
    }

    @Test func `policies start from the default one, wherever that stands`() throws {
        let configuration = try configuration(
            "[Policy b]\nTries=3\n[Policy a]\nTemplate=no\n[Policy default]\nTries=2\nRestarts=0",
            "[Policy default]\nRestarts=4\nTemplate=yes\nTemplateKey=/key")
        #expect(configuration.policies.map(\.name) == ["default", "a", "b"])
        #expect(configuration.policies.map(\.tries) == [2, 2, 3])
        #expect(configuration.policies.map(\.verification.restarts) == [4, 4, 4])
        #expect(configuration.policies.map(\.templateKey) == ["/key", nil, "/key"])
    }

    @Test(arguments: [
        (
            "[Policy default]\nTimeLimmit=10s",
            "0.conf:2: Unknown key TimeLimmit in [Policy default]. Did you mean TimeLimit?"
        ),
        (
            "[Policy a]\nSteps=turnLeft jump",
            "0.conf:2: jump does not fit Steps in [Policy a]. "
                + "Give 2 or more different words of turnLeft, turnRight, lookUp, blink."
        ),
        (
            "[Policy a]\nSteps=trunLeft blink",
            "0.conf:2: trunLeft does not fit Steps in [Policy a]. Did you mean turnLeft?"
        ),
        (
            "[Policy a]\nSteps=lookUp blink",
            "0.conf:2: StepCount in [Policy a] goes up to 4, but there are 2 Steps. Add steps, or set StepCount=2."
        ),
        (
            "[Policy a]\nTemplate=yes",
            "0.conf:2: Template=yes in [Policy a] has no key to seal the template to. "
                + "Set TemplateKey= to the file with the operator's public key, or Template=no."
        ),
        (
            "[Policy a]\nTimeLimit=5s",
            "0.conf:2: StepLimit in [Policy a] is 6s, which is above TimeLimit with 5s. Change the one or the other."
        ),
        (
            "[Limits]\nLongestPause=1s",
            "0.conf:2: PauseAfterFailure in [Limits] is 2s, which is above LongestPause with 1s. "
                + "Change the one or the other."
        ),
        ("[Log]\nRetention=12h", "0.conf:2: 12h does not fit Retention in [Log]. Give a duration from 1d to 3650d."),
        ("[Log]\nMaximumSize=5G", "0.conf:2: 5G does not fit MaximumSize in [Log]. Give a size from 1M to 4G."),
        ("[Policy]\nTries=1", "0.conf:1: [Policy] lacks a name. Write [Policy NAME]."),
        ("[Limit]", "0.conf:1: Unknown section [Limit]. Did you mean [Limits]?"),
        ("[Camera]", "0.conf:1: Unknown section [Camera]. Known sections are [Limits], [Log], [Policy NAME]."),
    ]) func `a mistake is told with its place and its remedy`(text: String, fault: String) {
        #expect(faults(in: text) == [fault])
    }

    @Test(arguments: [
        ("Log", "MaximumSize", ["1M", "4G"], ["1023K", "4097M"]),
        ("Log", "Retention", ["1d", "3650d"], ["23h", "3651d"]),
        ("Limits", "FailedTriesPerConnection", ["1", "1000"], ["0", "1001"]),
        ("Limits", "FailedTriesPerHour", ["1", "10000"], ["0", "10001"]),
        ("Limits", "PauseAfterFailure", ["0s", "60s"], ["61s"]),
        ("Limits", "LongestPause", ["2s", "1d"], ["25h"]),
        ("Policy a", "StepCount", ["2-4", "2", "4"], ["1-4", "2-5", "0"]),
        ("Policy a", "Tries", ["1", "100"], ["0", "101"]),
        ("Policy a", "TimeLimit", ["6s", "120s"], ["4s", "121s"]),
        ("Policy a", "StepLimit", ["2s", "30s"], ["1s", "31s"]),
        ("Policy a", "Restarts", ["0", "5"], ["6", "-1"]),
    ]) func `the range of each key is what it says`(section: String, key: String, right: [String], wrong: [String]) {
        for value in right { #expect(faults(in: "[\(section)]\n\(key)=\(value)").isEmpty) }
        for value in wrong { #expect(faults(in: "[\(section)]\n\(key)=\(value)").count == 1) }
    }

    @Test func `what does not fit together in the default policy is told once`() {
        let found = faults(in: "[Policy default]\nSteps=lookUp blink\n[Policy a]\nTries=1\n[Policy b]\nStepCount=2")
        #expect(found.map { $0.prefix(9) } == ["0.conf:2:"])
    }

    @Test func `thresholds are those that the pack has, where it is known`() throws {
        let file = SettingsFile(name: "a.conf", text: Array("[Policy a]\nThresholds=carefull".utf8))
        #expect(try Configuration(files: [file]).policy(named: "a")?.thresholds == "carefull")
        let fault = #expect(throws: SettingsFaults.self) {
            _ = try Configuration(files: [file], thresholdSets: ["provisional", "careful"])
        }
        #expect(fault?.description.contains("a.conf:2") == true)
        #expect(fault?.description.contains("Did you mean careful?") == true)
    }

    @Test func `all mistakes are told`() {
        #expect(faults(in: "[Log]\nX=1\n[Policy a]\nX=1\nTries=0", "[Limits]\nX=1\n[X]").count == 5)
    }
}

@Suite struct PolicyTests {
    @Test func `the canonical text of the default policy`() {
        #expect(
            Policy().canonicalText == """
                [Policy default]
                Steps=turnLeft turnRight lookUp blink
                StepCount=3-4
                Thresholds=default
                Tries=5
                TimeLimit=30s
                StepLimit=6s
                Restarts=1
                Light=yes
                Template=no

                """)
        #expect(
            Policy().digest.description == "dbcc7875f6edf1e3f069a3238e786d9686e6f648e90853c3845e728a83a0ed6e")
    }

    @Test(arguments: [
        "Steps=lookUp blink\nStepCount=2", "Thresholds=strict", "Tries=7", "TimeLimit=2min", "StepLimit=2500ms",
        "Restarts=0", "Light=no", "Template=yes\nTemplateKey=/key",
    ]) func `the canonical text is read as the same policy, and every key changes the digest`(keys: String) throws {
        let policy = try #require(try configuration("[Policy a]\n" + keys).policy(named: "a"))
        #expect(try configuration(policy.canonicalText).policy(named: "a") == policy)
        let plain = try #require(try configuration("[Policy a]").policy(named: "a"))
        #expect(policy.digest != plain.digest)
    }

    @Test func `how a policy is written does not change its digest`() throws {
        let first = try configuration("[Policy default]\nSteps=blink lookUp turnRight turnLeft\nTimeLimit=30000ms")
        #expect(first.policies[0].digest == Policy().digest)
    }
}
