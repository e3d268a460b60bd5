import Ports

/// One mistake in a settings file.
package struct SettingsFault: Fault, Hashable {
    package let position: SettingsPosition
    package let problem: String
    package let remedy: String

    package init(at position: SettingsPosition, problem: String, remedy: String) {
        self.position = position
        self.problem = problem
        self.remedy = remedy
    }

    /// A mistake that is not in one line of `file`, but in the file itself.
    package init(file: String, problem: String, remedy: String) {
        self.init(at: SettingsPosition(file: file, place: 0, line: nil), problem: problem, remedy: remedy)
    }

    package var description: String { "\(position): \(problem) \(remedy)" }
}

/// All mistakes in a set of settings files, in the order of the files and their lines; never empty.
package struct SettingsFaults: Error, Hashable, CustomStringConvertible {
    package let all: [SettingsFault]

    package init(_ all: [SettingsFault]) { self.all = all }

    /// One fault a line.
    package var description: String { all.map(\.description).joined(separator: "\n") }
}
