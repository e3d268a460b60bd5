import Foundation
import Glibc
import Testing

/// The languages of the programs in `device/clients`.
enum ClientLanguage: String, CaseIterable, Sendable {
    case python, node, java

    /// Where the language's program is, and `nil` where it is not installed.
    private var interpreter: String? {
        switch self {
        case .python: Self.find("python3")
        case .node: Self.find("node")
        case .java: Self.find("javac") == nil ? nil : Self.find("java")
        }
    }

    /// Skips the running test case where the language is not installed.
    func skipUnlessInstalled() throws {
        if interpreter == nil { try Test.cancel("\(rawValue) is not installed") }
    }

    /// The words that run the verification client.
    func verify() throws -> [String] { try words("verify.py", "verify.js", "Verify") }

    /// The words that run the receipt check.
    func checkReceipt() throws -> [String] {
        var words = try words("check_receipt.py", "checkReceipt.js", "CheckReceipt")
        if self == .python { words[0] = PythonPackages.interpreter }
        return words
    }

    private func words(_ python: String, _ node: String, _ java: String) throws -> [String] {
        let interpreter = try #require(interpreter)
        let folder = Repository.file("device/clients").path
        switch self {
        case .python: return [interpreter, "\(folder)/\(python)"]
        case .node: return [interpreter, "\(folder)/\(node)"]
        case .java: return [interpreter, "-cp", "\(try Self.javaClasses.get()):\(folder)", java]
        }
    }

    private static let javaClasses = Result<String, any Error> {
        let folder = Repository.file(".build/classes").path
        let sources = Repository.files(in: "device/clients", suffix: ".java").map { Repository.file($0).path }
        let compiler = try #require(find("javac"))
        let ending = try Program.run([compiler, "-Xlint:all", "-Werror", "-d", folder] + sources)
        #expect(ending.status == 0, "\(ending.errors)")
        return folder
    }

    private static func find(_ program: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/\(program)" }.first(where: FileManager.default.isExecutableFile)
    }
}

/// The Python environment that `device/clients/prepare` makes.
enum PythonPackages {
    static let interpreter: String = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return cache + "/portraitd/clients-venv/bin/python"
    }()

    static var isPresent: Bool { FileManager.default.isExecutableFile(atPath: interpreter) }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test where the Python environment is missing.
    static var needsPythonPackages: Self {
        .enabled(if: PythonPackages.isPresent, "no Python packages; make them with device/clients/prepare")
    }
}

/// A program that runs; it is ended when it is dropped.
final class Program {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    struct Ending {
        let status: Int32
        let output: String
        let errors: String
    }

    init(_ words: [String], input: String = "", locale: String = "C.UTF-8") throws {
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["LANG": locale, "LC_ALL": locale, "PYTHONDONTWRITEBYTECODE": "1"]
        ) { $1 }
        let stdin = Pipe()
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, output, errors)
        try process.run()
        // What a test gives fits into the pipe.
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
    }

    deinit { if process.isRunning { process.terminate() } }

    /// Waits for the first of the output; empty when the program ends without any.
    func firstOutput() -> String { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }

    /// Does what Ctrl-C does.
    func interrupt() { process.interrupt() }

    /// Gives it no chance to say goodbye.
    func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

    /// Waits until the program ends.
    func ending() -> Ending {
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let problems = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Ending(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: problems, as: UTF8.self))
    }

    static func run(_ words: [String], input: String = "", locale: String = "C.UTF-8") throws -> Ending {
        try Program(words, input: input, locale: locale).ending()
    }
}
