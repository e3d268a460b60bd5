/// `text` on one line and without power over a terminal: what steers one or hides, as JSON escapes it.
///
/// JSON text says the same afterwards, since such characters stand only within its strings.
func plain(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            }
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Prints a line that may hold what a client, a device or a log says.
func printLine(_ text: String) { print(plain(text)) }

/// Prints an object that may hold what a client, a device or a log says.
func printJSON(_ text: [UInt8]) { printLine(String(decoding: text, as: UTF8.self)) }
