import Configuration
import Evidence
import Faces
import Interface
import Platform
import Ports
import Simulator
import Testing
import Workshop

@testable import Service

/// What the service does with camera and lights while nobody is verified.
@Suite struct StandingTests {
    private let camera = PlayedCamera()
    private let lights = PlayedLights()
    private let clock = LoopClock()

    private func service() throws -> CounterService {
        var equipment = Equipment(
            camera: camera, lights: lights, time: camera.time,
            pack: .failure(.unusable(file: "pack.json", detail: "none")), evidence: .failure(.notCommissioned),
            firmware: { nil }, simulated: [])
        equipment.watch = camera
        return try CounterService(
            loop: try EventLoop { [clock] in clock.now }, equipment: equipment, configuration: Configuration())
    }

    /// Tells that something was plugged in or pulled out, and lets it settle.
    private func change(_ service: CounterService, settlingFor time: Duration = .seconds(1)) throws {
        camera.onChange()
        clock.now = clock.now + time
        service.loop.schedule(at: clock.now) { service.loop.stop() }
        try service.loop.run()
    }

    @Test func `a camera that hangs is asked once in a while, and after a change`() throws {
        let service = try service()
        var announced = 0
        service.cameraInquiry.onAsking = { announced += 1 }
        camera.latency = .seconds(5)
        camera.fault = .system(call: "VIDIOC_TRY_FMT", name: "played", Errno(5))
        for _ in 0..<3 {
            service.showStanding()
            #expect(service.status().camera.problem?.contains("VIDIOC_TRY_FMT") ?? false)
            service.meetCamera()
        }
        #expect(camera.checkCount == 1 && announced == 1)
        camera.time.advance(by: .seconds(30))
        _ = service.statusLine
        #expect(camera.checkCount == 2 && announced == 2)
        // Plugged in again.
        (camera.latency, camera.fault) = (.zero, nil)
        try change(service)
        #expect(service.status().camera.isReady && service.lastFault == nil)
    }

    @Test func `a camera that answers at once is asked each time`() throws {
        let service = try service()
        camera.fault = .missing(name: "played")
        #expect(!service.status().camera.isReady)
        camera.fault = nil
        #expect(service.status().camera.isReady && camera.checkCount == 2)
    }

    @Test func `lights without indicators are dark again when they come or come back`() throws {
        let service = try service()
        #expect(lights.shown == [.dark])
        lights.fault = .chipMissing(chip: "counter")
        try change(service)
        #expect(lights.shown == [.dark])
        lights.fault = nil
        try change(service)
        #expect(lights.shown == [.dark, .dark])
    }

    @Test func `devices that somebody touches without end are looked at now and then`() throws {
        let service = try service()
        var looks = 0
        service.onChange = { looks += 1 }
        for _ in 0..<21 { try change(service, settlingFor: .milliseconds(100)) }
        // After 100 ms, then every 500.
        #expect(looks == 5)
    }
}
