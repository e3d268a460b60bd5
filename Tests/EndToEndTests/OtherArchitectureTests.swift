import Foundation
import Testing

/// The C annexes for the processors of the boards; all of Swift needs that architecture's Swift library.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/usr/aarch64-linux-gnu/include"), "no headers for arm64"))
struct OtherArchitectureTests {
    private static let annexes = ["CLinux", "CJPEG", "CGPIOD", "CV4L2", "CV4LConvert"].flatMap {
        Repository.files(in: "Sources/\($0)", suffix: ".c")
    }

    @Test(arguments: annexes) func `an annex compiles for arm64`(file: String) throws {
        let path = Repository.file(file)
        let include = path.deletingLastPathComponent().appending(path: "include").path
        // The libraries' own headers are the same for both.
        let words = [
            "clang", "--target=aarch64-linux-gnu", "-std=gnu17", "-Wall", "-Werror", "-c", "-o", "/dev/null",
            "-isystem", "/usr/aarch64-linux-gnu/include", "-idirafter", "/usr/include",
            "-idirafter", "/usr/include/x86_64-linux-gnu", "-I\(include)", path.path,
        ]
        let ending = try Program.run(["/usr/bin/env"] + words)
        #expect(ending.status == 0, "\(ending.errors)")
    }
}
