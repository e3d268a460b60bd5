/// Lines for the journal, by audience; `systemd` reads the `<N>` in front as the priority.
///
/// A line holds no biometrics, no name and no picture hash. Not for the frame path.
package enum Log {
    package enum Level: Int, Sendable {
        /// An operation is lost.
        case error = 3
        /// The service is degraded.
        case warning = 4
        /// The state changed.
        case notice = 5
    }

    /// Writes one line to standard error; line breaks inside become spaces.
    package static func write(_ level: Level, _ line: String) {
        let text = "<\(level.rawValue)>" + line.map { $0.isNewline ? " " : String($0) }.joined() + "\n"
        Console.writeError(text)
    }
}
