import Faces
import Platform
import Ports

/// The words after a command: flags, options with values, and the rest.
struct Options {
    private(set) var flags: Set<String> = []
    private(set) var values: [String: String] = [:]
    private(set) var inputs: [String] = []

    /// Reads `words`; what is neither among `flags` nor `values` and starts with a dash is refused, and so are more than
    /// `mostInputs` other words.
    init(
        _ words: [String], flags known: Set<String>, values names: Set<String>, mostInputs: Int = 0
    ) throws(LabFault) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if known.contains(word) {
                flags.insert(word)
            } else if names.contains(word) || word == "--pack" {
                guard let value = rest.popFirst() else { throw .usage("\(word) needs a value") }
                values[word] = value
            } else if word.hasPrefix("--") {
                throw .usage("\(word) is unknown")
            } else if inputs.count < mostInputs {
                inputs.append(word)
            } else {
                throw .usage("\(word) is one word too many")
            }
        }
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// The only word that is no option.
    func input(_ name: String) throws(LabFault) -> String {
        guard inputs.count == 1 else { throw .usage("a \(name) is missing") }
        return inputs[0]
    }

    func number(_ name: String, default standard: Double, in range: ClosedRange<Double>) throws(LabFault) -> Double {
        guard let text = values[name] else { return standard }
        guard let number = Double(text), range.contains(number) else {
            throw .usage("\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Frames a second, where the clip itself is not to tell.
    func frameRate() throws(LabFault) -> Double? {
        let name = "--frame-rate"
        return values[name] == nil ? nil : try number(name, default: 0, in: 1...240)
    }

    /// `A-B` or `A`.
    func seeds(default standard: ClosedRange<UInt64>) throws(LabFault) -> ClosedRange<UInt64> {
        guard let text = values["--seeds"] else { return standard }
        let ends = text.split(separator: "-").map { UInt64($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
            throw .usage("--seeds must be A-B")
        }
        return first...last
    }

    var packFolder: String {
        if let folder = values["--pack"] { return folder }
        if let folder = environment("PORTRAITD_PACK") { return folder }
        return "\(cacheFolder)/pack"
    }

    var cacheFolder: String {
        (environment("XDG_CACHE_HOME") ?? (environment("HOME") ?? "") + "/.cache") + "/portraitd"
    }

    func pack() throws(LabFault) -> ModelPack {
        do throws(PackFault) { return try ModelPack(folder: packFolder) } catch {
            throw LabFault(problem: error.description, status: 69)
        }
    }
}
