import Foundation
import Interface
import Ports
import Simulator
import Support
import Testing
import Varlink

/// However a technician's work ends, camera and lights are off.
@Suite(.serialized, .needsPack) struct WorkEndTests {
    private static let works = ["Aim", "Examine"]

    /// Returns when the work has the camera on.
    private func begin(_ work: String, _ counter: CounterHarness) throws -> VarlinkClient {
        try counter.work("SetMaintenance", #"{"isOn":true}"#)
        let client = try counter.beginWork(work)
        try wait { counter.counter.truth != nil }
        #expect(counter.counter.lightState.privacyLamp)
        return client
    }

    private func expectOff(_ counter: CounterHarness) {
        #expect(counter.counter.lightState == .dark)
        // A camera that is on cannot be switched on.
        #expect(throws: Never.self) { try counter.counter.camera.startStreaming().stop() }
    }

    @Test(arguments: works) func `a service that stops waits for it`(work: String) throws {
        let counter = try CounterHarness()
        let client = try begin(work, counter)
        counter.stop()
        expectOff(counter)
        _ = consume client
    }

    @Test(arguments: works) func `a client that is gone ends it`(work: String) throws {
        let counter = try CounterHarness()
        do { _ = try begin(work, counter) }
        try wait { counter.counter.lightState == .dark }
        expectOff(counter)
    }

    @Test(arguments: works) func `the end of maintenance ends it`(work: String) throws {
        let counter = try CounterHarness()
        var client = try begin(work, counter)
        try counter.work("SetMaintenance", #"{"isOn":false}"#)
        var last = try client.receive(within: .seconds(60))
        while last.continues { last = try client.receive(within: .seconds(60)) }
        #expect(last.error == "io.portraitd.Service.NotPossible")
        expectOff(counter)
    }

    @Test func `maintenance that a caller holds ends with its connection, what was on before does not`() throws {
        let counter = try CounterHarness()
        let on = #"{"isOn":true}"#
        do {
            var holder = try counter.beginWork("SetMaintenance", on)
            #expect(try holder.receive(within: .seconds(30)).continues)
            #expect(try counter.status().maintenanceMilliseconds != nil)
        }
        try wait { try counter.status().maintenanceMilliseconds == nil }
        try counter.work("SetMaintenance", on)
        do {
            var late = try counter.beginWork("SetMaintenance", on)
            #expect(try !late.receive(within: .seconds(30)).continues)
        }
        #expect(try counter.status().maintenanceMilliseconds != nil)
        try counter.work("SetMaintenance", #"{"isOn":false}"#)
        var told = try counter.beginWork("SetMaintenance", on)
        #expect(try told.receive(within: .seconds(30)).continues)
        try counter.work("SetMaintenance", #"{"isOn":false}"#)
        #expect(try !told.receive(within: .seconds(30)).continues)
    }

    @Test func `maintenance that is begun anew outlives who held it`() throws {
        let counter = try CounterHarness()
        let on = #"{"isOn":true}"#
        do {
            var holder = try counter.beginWork("SetMaintenance", on)
            #expect(try holder.receive(within: .seconds(30)).continues)
            var late = try counter.beginWork("SetMaintenance", on)
            #expect(try !late.receive(within: .seconds(30)).continues)
        }
        #expect(try counter.status().maintenanceMilliseconds == nil)
        do {
            var holder = try counter.beginWork("SetMaintenance", on)
            #expect(try holder.receive(within: .seconds(30)).continues)
            try counter.work("SetMaintenance", on)
        }
        #expect(try counter.status().maintenanceMilliseconds != nil)
    }

    @Test func `a doctor leaves maintenance on that somebody began meanwhile`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let program = Repository.programs.appending(path: "portraitctl").path
        let doctor = try Program([program, "--service", daemon.service, "doctor"])
        try wait {
            try Program.run([program, "--counter", daemon.socket, "privacy"]).output.contains("frames: ")
        }
        #expect(try Program.run([program, "--service", daemon.service, "maintenance", "on"]).status == 0)
        _ = doctor.ending()
        #expect(try CounterHarness.status(at: daemon.socket).maintenanceMilliseconds != nil)
        #expect(try Program.run([program, "--service", daemon.service, "maintenance", "off"]).status == 0)
        #expect(try Program.run([program, "--service", daemon.service, "doctor"]).status != 69)
        #expect(try CounterHarness.status(at: daemon.socket).maintenanceMilliseconds == nil)
    }

    @Test func `a doctor that is killed leaves the device as it was`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let program = Repository.programs.appending(path: "portraitctl").path
        let doctor = try Program([program, "--service", daemon.service, "doctor"])
        func privacy() throws -> String {
            try Program.run([program, "--counter", daemon.socket, "privacy"]).output
        }
        try wait { try privacy().contains("frames: ") }
        doctor.kill()
        try wait { try !privacy().contains("frames: ") }
        try wait { try Program.run([program, "--counter", daemon.socket, "health"]).output == "good\n" }
    }

    @Test func `a daemon that is told to stop ends the doctor first`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let program = Repository.programs.appending(path: "portraitctl").path
        let doctor = try Program([program, "--service", daemon.service, "doctor"])
        try wait {
            try Program.run([program, "--counter", daemon.socket, "privacy"]).output.contains("frames: ")
        }
        daemon.signal(SIGTERM)
        let (daemonEnd, doctorEnd) = (try daemon.ending(), doctor.ending())
        #expect(daemonEnd.reason == .exit && daemonEnd.status == 0)
        #expect(
            doctorEnd.status == 69 && doctorEnd.errors.contains("The maintenance has ended."), "\(doctorEnd.errors)")
    }
}
