import Foundation
import Support
import Testing

/// The units as systemd's own tools see them.
@Suite(.enabled(if: SystemdTools.areInstalled, "systemd-analyze is not installed")) struct UnitTests {
    @Test func `the exposure to what goes wrong does not grow`() throws {
        let answer = try SystemdTools.analyze([
            "security", "--offline=yes", "--threshold=9", "--no-pager",
            Repository.file("systemd/portraitd.service").path,
        ])
        #expect(answer.status == 0, "\(answer.text)")
    }

    @Test(arguments: ["counter", "service"]) func `units are right`(socket: String) throws {
        // The programs are looked for where a package puts them.
        let folder = FileManager.default.temporaryDirectory.appending(path: "units-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for unit in ["portraitd.service", "portraitd-counter.socket", "portraitd-service.socket"] {
            let text = try Repository.text("systemd/\(unit)").replacing("/usr/bin/portraitd", with: "/bin/true")
            try Data(text.utf8).write(to: folder.appending(path: unit))
        }
        let answer = try SystemdTools.analyze([
            "verify", "--man=no", "--recursive-errors=no", folder.appending(path: "portraitd-\(socket).socket").path,
            folder.appending(path: "portraitd.service").path,
        ])
        #expect(answer.status == 0, "\(answer.text)")
        #expect(answer.text == "")
    }

    /// Each of them looks like one more lock, and breaks the device.
    @Test(arguments: [
        "ProcSubset=pid", "PrivateUsers=yes", "ProtectClock=yes", "DynamicUser=yes", "PrivateDevices=yes",
    ])
    func `what breaks the device is not in the unit`(line: String) throws {
        #expect(try !SystemdTools.lines(of: "portraitd.service").contains(line))
    }

    @Test(arguments: [
        "MemoryDenyWriteExecute=yes", "PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX", "DevicePolicy=closed",
        "StartLimitIntervalSec=0", "RestartSec=200ms", "Type=notify",
        "Environment=GLIBC_TUNABLES=glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
    ]) func `what protects the person is in the unit`(line: String) throws {
        #expect(try SystemdTools.lines(of: "portraitd.service").contains(line))
    }

    @Test func `a camera that comes can be watched for`() throws {
        #expect(try SystemdTools.lines(of: "portraitd.service").contains("SystemCallFilter=@system-service"))
        #expect(try SystemdTools.analyze(["syscall-filter", "@system-service"]).text.contains("@file-system"))
        let calls = try SystemdTools.analyze(["syscall-filter", "@file-system"]).text
        for call in ["inotify_init1", "inotify_add_watch"] { #expect(calls.contains(call)) }
    }

    @Test func `a reload begins with a check, and a start with the driver's core`() throws {
        let lines = try SystemdTools.lines(of: "portraitd.service")
        let reloads = lines.filter { $0.hasPrefix("ExecReload=") }
        #expect(reloads.count == 2 && reloads[0].contains(" --check-configuration --board /etc/portraitd/board.conf"))
        #expect(lines.contains("Wants=modprobe@videodev.service") && lines.contains("After=modprobe@videodev.service"))
    }

    @Test func `the only devices are cameras and lights`() throws {
        let devices = try SystemdTools.lines(of: "portraitd.service").filter { $0.hasPrefix("DeviceAllow=") }
        #expect(devices == ["DeviceAllow=char-video4linux rw", "DeviceAllow=char-gpiochip rw"])
    }
}

/// systemd's tools, where they are installed.
enum SystemdTools {
    private static let program = "/usr/bin/systemd-analyze"

    static var areInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    static func lines(of unit: String) throws -> [String] {
        try Repository.text("systemd/\(unit)").split(separator: "\n").map(String.init)
    }

    static func analyze(_ arguments: [String]) throws -> (status: Int32, text: String) {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
