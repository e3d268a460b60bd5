import Foundation
import Testing

@Suite(.needsPythonPackages) struct InterfaceTextTests {
    private static let paths = Repository.files(in: "Sources/Interface", suffix: ".varlink")

    /// Prints the interface and its members, as the PyPI package `varlink` reads them.
    private func parse(_ text: String) throws -> Program.Ending {
        let program = "import sys, varlink; i = varlink.Interface(sys.stdin.read()); print(i.name, *i.members)"
        return try Program.run([PythonPackages.interpreter, "-c", program], input: text)
    }

    @Test(arguments: paths) func `a Varlink parser that is not ours reads every member`(path: String) throws {
        let text = try Repository.text(path)
        let ending = try parse(text)
        #expect(ending.status == 0, "\(ending.errors)")
        let members = text.matches(of: /(?m)^(?:interface|type|method|error) ([\w.]+)/).map { String($0.1) }
        #expect(ending.output.split { $0 == " " || $0 == "\n" }.map(String.init) == members)
    }

    @Test(arguments: paths) func `that parser refuses a broken text`(path: String) throws {
        let text = try Repository.text(path).replacing("\nmethod ", with: "\nmetod ", maxReplacements: 1)
        #expect(try parse(text).status != 0)
    }
}
