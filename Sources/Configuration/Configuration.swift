package import Evidence
package import Session
package import Settings

/// All that the operator decides about this device.
package struct Configuration: Hashable, Sendable {
    package var log = LogLimits()
    package var limits = TryLimits()
    /// `default` first, then the others by their names.
    package var policies = [Policy()]

    /// What holds where nothing is configured.
    package init() {}

    /// Reads `files`, of which a later one overrides an earlier one; throws every fault of all of them.
    ///
    /// `thresholdSets` are the model pack's; without them any name of a set is taken.
    package init(files: [SettingsFile], thresholdSets: [String]? = nil) throws(SettingsFaults) {
        var settings = Settings(files)
        settings.section("Log") { log.read(&$0) }
        settings.section("Limits") { limits.read(&$0) }
        var base = PolicyDraft()
        settings.section("Policy", named: Policy.defaultName) { base.read(&$0, thresholdSets: thresholdSets) }
        policies = [base.policy(named: Policy.defaultName)]
        for name in settings.names(of: "Policy") where name != Policy.defaultName {
            var draft = base
            settings.section("Policy", named: name) { draft.read(&$0, thresholdSets: thresholdSets) }
            policies.append(draft.policy(named: name))
        }
        try settings.finish()
    }

    package func policy(named name: String) -> Policy? { policies.first { $0.name == name } }
}

extension LogLimits {
    fileprivate mutating func read(_ section: inout SettingsSection) {
        section.read("MaximumSize", .size(in: 1 << 20...4 << 30), into: &byteCount)
        section.read("Retention", .duration(in: .days(1) ... .days(3650)), into: &retention)
    }
}

extension TryLimits {
    fileprivate mutating func read(_ section: inout SettingsSection) {
        section.read("FailedTriesPerConnection", .integer(in: 1...1000), into: &failedTriesPerConnection)
        section.read("FailedTriesPerHour", .integer(in: 1...10_000), into: &failedTriesPerHour)
        section.read("PauseAfterFailure", .duration(in: .zero ... .seconds(60)), into: &pauseAfterFailure)
        section.read("LongestPause", .duration(in: .zero ... .days(1)), into: &longestPause)
        section.check("PauseAfterFailure", pauseAfterFailure, isAtMost: "LongestPause", longestPause)
    }
}

extension SettingsSection {
    /// Reports a duration that is longer than the one that limits it.
    mutating func check(_ key: String, _ value: Duration, isAtMost limitKey: String, _ limit: Duration) {
        guard value > limit else { return }
        let (value, limit) = (durationText(value), durationText(limit))
        report(
            [key, limitKey], problem: "\(key) in \(self) is \(value), which is above \(limitKey) with \(limit).",
            remedy: "Change the one or the other.")
    }
}

extension Duration {
    fileprivate static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
