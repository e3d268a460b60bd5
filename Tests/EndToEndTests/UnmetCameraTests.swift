import Foundation
import Interface
import Platform
import Ports
import Support
import Testing
import Varlink

/// A device whose camera was not met since the start.
@Suite(.needsPack) struct UnmetCameraTests {
    @Test func `its log is the device's own, for technicians to write and to read`() throws {
        let daemon = try RunningDaemon(source: ["--camera", "/dev/nowhere"])
        func portraitctl(_ words: [String]) throws -> Program.Ending {
            try Program.run([Repository.programs.appending(path: "portraitctl").path] + words)
        }
        func maintenance(_ word: String) throws -> CInt {
            try portraitctl(["--service", daemon.service, "maintenance", word]).status
        }
        #expect(try maintenance("on") == 0)
        var client = try VarlinkClient(connecting: daemon.service)
        try client.send("io.portraitd.Service.Commission", within: .seconds(30))
        #expect(try client.receive(within: .seconds(30)).error == nil)
        #expect(try maintenance("off") == 0)
        let list = try portraitctl(["--service", daemon.service, "receipts", "list"]).output
        #expect(list.contains("— commissioned") && list.contains("— maintenanceEnded"), "\(list)")
        #expect(try !portraitctl(["--counter", daemon.socket, "identity"]).output.contains("thrown away"))
        #expect(try CounterHarness.status(at: daemon.socket).source == .virtual)
    }
}
