import Foundation
import Support
import Testing

/// The commands of `device` with tools that only tell what they were asked for.
@Suite(.needsPack) struct DeviceScriptTests {
    private static let tools = [
        "dpkg-query": "echo installed",
        "swift": #"[ "$1" = --version ] && echo "Swift version 6.3" || exit 42"#,
        "lintian": #"echo "$@"; exit 42"#,
    ]

    /// Runs a script in `folder`, where its arguments lie.
    private func run(_ script: String, _ words: String, in folder: URL) throws -> Program.Ending {
        let tools = folder.appending(path: "tools")
        try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
        for (name, body) in Self.tools {
            let tool = tools.appending(path: name)
            try Data("#!/bin/sh\n\(body)\n".utf8).write(to: tool)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.path)
        }
        let line =
            "cd '\(folder.path)' && PATH=\"$PWD/tools:$PATH\" PORTRAITD_PACK='\(TestPack.folder)' "
            + "'\(Repository.file(script).path)' \(words)"
        return try Program.run(["/bin/bash", "-c", line])
    }

    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "caller-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func `a scenario file is looked for where the caller is`() throws {
        try inFolder { folder in
            try Data("Seed=7\n".utf8).write(to: folder.appending(path: "mine.conf"))
            let ending = try run("device/demo", "--scenario mine.conf", in: folder)
            #expect(ending.status == 42, "\(ending.errors)")
        }
    }

    @Test func `a package comes where the caller is`() throws {
        try inFolder { folder in
            let ending = try run("device/package/build", "out", in: folder)
            #expect(ending.status == 42, "\(ending.errors)")
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: "out").path))
        }
    }

    @Test(.enabled(if: getuid() == 0, "a container needs root"))
    func `a package is looked for where the caller is`() throws {
        try inFolder { folder in
            let ending = try run("device/package/test", "mine.deb", in: folder)
            #expect(ending.errors.contains("\(folder.resolvingSymlinksInPath().path)/mine.deb"), "\(ending.errors)")
        }
    }
}
