import Interface
import Varlink

/// The text of a Varlink interface.
struct InterfaceTextTarget: FuzzTarget {
    static let name = "interface-text"
    static let longest = 64 << 10

    static var seeds: [[UInt8]] {
        let served = (try? InterfaceTexts.all()) ?? []
        let small = "interface a.b # c\ntype T (a: ?[]T, b: [string]int)\nmethod M(x: (u, v)) -> ()\nerror E ()"
        return served.map { Array($0.text.utf8) } + [Array(small.utf8)]
    }

    func run(_ bytes: [UInt8]) {
        do throws(InterfaceDescription.Fault) {
            let text = String(decoding: bytes, as: UTF8.self)
            let interface = try InterfaceDescription(text: text)
            precondition(interface.text == text && !interface.name.isEmpty, "an interface has a name and its text")
        } catch {
            precondition(error.line >= 1 && !error.description.isEmpty, "a fault names a line")
        }
    }
}
