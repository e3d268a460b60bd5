/// The value of a key as it is written.
struct SettingsEntry: Hashable {
    let value: String
    let position: SettingsPosition
}

/// One section while it is read.
package struct SettingsSection: CustomStringConvertible {
    private let title: SectionTitle
    /// Of each key in the order of the files; the last one holds.
    private let entries: [String: [SettingsEntry]]
    /// Where the section begins; where nothing has it, the first file.
    private let start: SettingsPosition?
    private var asked: Set<String> = []
    private var faults: [SettingsFault] = []

    /// The title as it is written.
    package var description: String { title.description }

    init(_ title: SectionTitle, _ entries: [String: [SettingsEntry]], at start: SettingsPosition?) {
        self.title = title
        self.entries = entries
        self.start = start
    }

    /// Puts the value of `key` into `target`, which keeps what it has when the key is not set or does not fit.
    package mutating func read<Value>(_ key: String, _ form: SettingForm<Value>, into target: inout Value) {
        asked.insert(key)
        for entry in entries[key] ?? [] {
            switch form.read(entry.value) {
            case .fits(let value): target = value
            case .misfit(let word):
                let problem =
                    word.isEmpty ? "\(key) in \(title) is empty." : "\(word.clipped) does not fit \(key) in \(title)."
                report(at: entry.position, problem: problem, remedy: form.remedy(for: word))
            }
        }
    }

    /// Reports that the values of `keys` do not fit together, where the last of them is set.
    ///
    /// A section that sets none of them has them from elsewhere, and there it is reported.
    package mutating func report(_ keys: [String], problem: String, remedy: String) {
        guard let position = keys.compactMap({ entries[$0]?.last?.position }).max() else { return }
        report(at: position, problem: problem, remedy: remedy)
    }

    /// Reports that no file sets `key`, which has no default.
    package mutating func reportMissing(_ key: String, remedy: String) {
        // A value that does not fit was reported already.
        guard entries[key] == nil, let start else { return }
        report(at: start, problem: "\(title) lacks \(key).", remedy: remedy)
    }

    private mutating func report(at position: SettingsPosition, problem: String, remedy: String) {
        faults.append(SettingsFault(at: position, problem: problem, remedy: remedy))
    }

    /// The faults, with those of the keys that nobody asked for.
    consuming func finish() -> [SettingsFault] {
        let known = asked.sorted()
        for (key, entries) in entries where !asked.contains(key) {
            let proposal =
                nearestName(to: key, among: known).map { "Did you mean \($0)?" }
                ?? "Known keys are \(known.joined(separator: ", "))."
            for entry in entries {
                report(at: entry.position, problem: "Unknown key \(key.clipped) in \(title).", remedy: proposal)
            }
        }
        return faults
    }
}
