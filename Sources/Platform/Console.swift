// C has `stdout` as a variable; nobody here assigns it.
@unsafe @preconcurrency import Glibc

/// Text for the person at the terminal.
package enum Console {
    package static var outputIsTerminal: Bool { isatty(1) == 1 }
    package static var errorIsTerminal: Bool { isatty(2) == 1 }

    /// Writes `text` to standard error as it is; what cannot be written is lost.
    package static func writeError(_ text: String) {
        try? unsafe writeAll(Array(text.utf8).span.bytes, to: 2)
    }

    /// Hands everything that was printed to the system; `false` when some of it was lost, now or before.
    @discardableResult
    package static func flush() -> Bool { unsafe fflush(stdout) == 0 && ferror(stdout) == 0 }
}
