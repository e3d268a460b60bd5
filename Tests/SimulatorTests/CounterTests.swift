import Biometrics
import Frames
import Imaging
import Platform
import Ports
import Rendering
import Simulator
import Support
import Testing

@Test func `counters of one seed draw the same, and others differ`() {
    func draws(_ seed: UInt64) -> [UInt64] {
        let counter = SimulatedCounter(CounterSetup(seed: seed), portrait: .drawn, time: ManualTime())
        let draw = RandomDraw(from: counter.randomness)
        return (0..<4).map { _ in draw.next() }
    }
    #expect(draws(7) == draws(7) && draws(7) != draws(8) && Set(draws(7)).count == 4)
}

/// A small simulated counter with the camera switched on, on a clock that only waiting moves.
private final class Outlet {
    let time = ManualTime()
    let counter: SimulatedCounter
    let pool: FramePool
    let stream: any CameraStream

    init(_ scenario: Scenario = .willing, trouble: CameraTrouble = .none, seed: UInt64 = 1) throws {
        var setup = CounterSetup(scenario, seed: seed)
        if trouble != .none { setup.cameraTrouble = trouble }
        (setup.width, setup.height) = (160, 96)
        counter = SimulatedCounter(setup, portrait: .drawn, time: time)
        pool = FramePool(capacity: 2, bytesPerFrame: counter.camera.maximumFrameByteCount)
        stream = try counter.camera.startStreaming()
    }

    /// What one frame was, copied out of its buffer.
    struct Shot: Hashable {
        let sequence: UInt32
        let timestamp: Timestamp
        let format: FrameFormat
        let bytes: [UInt8]
    }

    func shoot(_ stream: (any CameraStream)? = nil) throws -> Shot? {
        guard let frame = try (stream ?? self.stream).nextFrame(from: pool, within: .seconds(1)) else { return nil }
        let bytes = frame.withBytes { bytes in
            (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        return Shot(sequence: frame.sequence, timestamp: frame.timestamp, format: frame.format, bytes: bytes)
    }
}

@Suite struct CounterTests {
    /// The bytes of 40 frames, with a prompt and a light on the way.
    private func film(seed: UInt64) throws -> [[UInt8]] {
        let outlet = try Outlet(seed: seed)
        return try (0..<40).map { number in
            if number == 5 { outlet.counter.prompts.show(Prompt(stage: .challenging, instruction: .turnLeft)) }
            if number == 20 { try outlet.counter.lights.show(LightState(privacyLamp: true, illuminators: .left)) }
            return try outlet.shoot()?.bytes ?? []
        }
    }

    @Test func `equal setups and equal calls give the same bytes`() throws {
        let film = try film(seed: 7)
        #expect(try film == self.film(seed: 7))
        #expect(Set(film).count == 40)
        #expect(try film[0] != self.film(seed: 8)[0])
    }

    @Test func `a second visit is another one`() throws {
        let outlet = try Outlet()
        let first = try outlet.shoot()?.bytes
        outlet.stream.stop()
        let again = try outlet.counter.camera.startStreaming()
        #expect(try outlet.shoot(again)?.bytes != first)
    }

    @Test func `frames come every thirtieth of a second, numbered and stamped`() throws {
        let outlet = try Outlet()
        let start = outlet.time.now()
        for number in 0..<30 {
            let shot = try outlet.shoot()
            #expect(shot?.sequence == UInt32(number))
            #expect(shot?.timestamp == start + .nanoseconds(33_333_333) * (number + 1))
            #expect(shot?.timestamp == outlet.time.now())
        }
    }

    @Test func `a frame can be decoded and has the promised size`() throws {
        let shot = try #require(try Outlet().shoot())
        var picture = FramePicture()
        try unsafe picture.loadWhole(shot.bytes.span.bytes, shot.format, minimumWidth: 160)
        let (width, height) = (picture.width, picture.height)
        #expect(width == 160 && height == 96)
    }

    @Test func `a late reader gets the newest frame and sees the gap`() throws {
        let outlet = try Outlet()
        _ = try outlet.shoot()
        outlet.time.advance(by: .milliseconds(500))
        #expect(try outlet.shoot()?.sequence == 15)
    }

    @Test func `an impatient reader is told that the camera stalls`() throws {
        let outlet = try Outlet()
        #expect(throws: CameraFault.stalled(name: "simulator", after: .milliseconds(10))) {
            _ = try outlet.stream.nextFrame(from: outlet.pool, within: .milliseconds(10))
        }
    }

    @Test func `without a free buffer the frame is lost and life goes on`() throws {
        let outlet = try Outlet()
        do {
            let first = outlet.pool.lease()
            let second = outlet.pool.lease()
            #expect(try outlet.shoot() == nil)
            let areHeld = first != nil && second != nil
            #expect(areHeld)
        }
        #expect(try outlet.shoot()?.sequence == 1)
    }

    @Test func `only one stream runs at a time`() throws {
        let outlet = try Outlet()
        #expect(throws: CameraFault.busy(name: "simulator")) { _ = try outlet.counter.camera.startStreaming() }
        outlet.stream.stop()
        #expect(throws: Never.self) { _ = try outlet.counter.camera.startStreaming() }
    }

    @Test func `a stopped camera delivers nothing`() throws {
        let outlet = try Outlet()
        outlet.stream.stop()
        #expect(throws: CameraFault.unplugged(name: "simulator")) { _ = try outlet.shoot() }
    }

    @Test func `an unplugged camera says so after some seconds`() throws {
        let outlet = try Outlet(.unplug)
        var count = 0
        #expect(throws: CameraFault.unplugged(name: "simulator")) {
            while count < 1000 {
                _ = try outlet.shoot()
                count += 1
            }
        }
        #expect((30..<60).contains(count))
    }

    @Test func `a frozen camera repeats its picture to the byte`() throws {
        let outlet = try Outlet(trouble: .freeze)
        let frames = try (0..<80).map { _ in try outlet.shoot()?.bytes }
        #expect(frames[0] != frames[1])
        #expect(frames[70] == frames[79])
    }

    @Test(arguments: [
        (CameraTrouble.missing, CameraFault.missing(name: "simulator")), (.busy, .busy(name: "simulator")),
        (.permissionDenied, .permissionDenied(name: "simulator")),
    ]) func `a camera in trouble from the start does not start`(trouble: CameraTrouble, fault: CameraFault) {
        #expect(throws: fault) { _ = try Outlet(trouble: trouble) }
    }

    @Test func `a stalled camera lets its reader wait in vain`() throws {
        let outlet = try Outlet(trouble: .stall)
        #expect(throws: CameraFault.stalled(name: "simulator", after: .seconds(1))) {
            for _ in 0..<80 { _ = try outlet.shoot() }
        }
    }

    @Test func `a corrupt frame is no picture`() throws {
        let outlet = try Outlet(trouble: .corrupt)
        let shots = try (0..<80).compactMap { _ in try outlet.shoot() }
        #expect(shots.first?.bytes[2...5].allSatisfy { $0 == 0x55 } == false)
        #expect(shots.last?.bytes[2...5].allSatisfy { $0 == 0x55 } == true)
    }

    @Test(arguments: [
        (LightsTrouble.missing, LightsFault.chipMissing(chip: "simulator")),
        (.permissionDenied, .permissionDenied(chip: "simulator")),
        (.taken, .lineTaken(line: "privacy-lamp", consumer: "simulator")),
    ]) func `lights in trouble stay dark and say why`(trouble: LightsTrouble, fault: LightsFault) {
        var setup = CounterSetup(seed: 1)
        setup.lightsTrouble = trouble
        let counter = SimulatedCounter(setup, portrait: .drawn, time: ManualTime())
        #expect(throws: fault) { try counter.lights.check() }
        #expect(throws: fault) { try counter.lights.show(LightState(privacyLamp: true)) }
        #expect(counter.lightState == .dark)
    }

    @Test func `a slow camera delivers every fourth frame`() throws {
        let outlet = try Outlet(trouble: .slow)
        let start = outlet.time.now()
        #expect(try outlet.shoot()?.timestamp == start + .nanoseconds(133_333_333))
    }

    @Test func `an exposure is held at a share of what it was, two frames late, until it is let go`() throws {
        let outlet = try Outlet()
        func brightness() throws -> Double {
            let shot = try #require(try outlet.shoot())
            var picture = FramePicture()
            try unsafe picture.loadWhole(shot.bytes.span.bytes, shot.format, minimumWidth: 160)
            var luma = [Float](repeating: 0, count: 160 * 96)
            var span = luma.mutableSpan
            picture.sampleLuma(ProjectiveMap(.identity), width: 160, height: 96, into: &span)
            return Double(luma.reduce(0, +)) / Double(luma.count)
        }
        for _ in 0..<30 { _ = try outlet.shoot() }
        #expect(outlet.stream.heldExposure == nil)
        outlet.stream.holdExposure(at: 0.25)
        let held = try #require(outlet.stream.heldExposure)
        #expect((100...260).contains(held.time), "\(held)")
        let seen = try (0..<5).map { _ in try brightness() }
        // The fourth part of the light is about half of the codes.
        #expect(seen[1] > 0.9 * seen[0] && seen[2] < 0.65 * seen[1] && seen[4] < 0.65 * seen[1], "\(seen)")
        outlet.stream.holdExposure(at: 0.25)
        #expect(try brightness() > 0.9 * seen[4] && outlet.stream.heldExposure == held)
        outlet.stream.holdExposure(at: nil)
        for _ in 0..<40 { _ = try outlet.shoot() }
        #expect(try brightness() > 0.9 * seen[0] && outlet.stream.heldExposure == nil)
    }

    @Test func `lights are seen by the camera a frame later and can be observed`() throws {
        let outlet = try Outlet()
        let state = LightState(privacyLamp: true, illuminators: [.front])
        try outlet.counter.lights.show(state)
        _ = try outlet.shoot()
        #expect(outlet.counter.truth?.illuminators == [])
        _ = try outlet.shoot()
        #expect(outlet.counter.lightState == state)
        #expect(outlet.counter.truth?.illuminators == .front)
    }

    @Test func `the person reads the screen, and only the screen`() throws {
        let (told, untold) = (try Outlet(seed: 4), try Outlet(seed: 4))
        told.counter.prompts.show(Prompt(stage: .challenging, instruction: .turnRight))
        var (furthestTold, furthestUntold) = (0.0, 0.0)
        for _ in 0..<120 {
            _ = try told.shoot()
            _ = try untold.shoot()
            furthestTold = min(furthestTold, told.counter.truth?.posture.pose.yaw ?? 0)
            furthestUntold = min(furthestUntold, untold.counter.truth?.posture.pose.yaw ?? 0)
        }
        #expect(furthestTold < -15)
        #expect(furthestUntold > -10)
    }

    @Test func `a frame allocates nothing`() throws {
        let outlet = try Outlet()
        outlet.counter.prompts.show(Prompt(stage: .challenging, instruction: .turnLeft))
        for _ in 0..<10 { _ = try outlet.shoot() }
        let count = allocations {
            for _ in 0..<60 { _ = try? outlet.stream.nextFrame(from: outlet.pool, within: .seconds(1)) }
        }
        #expect(count == 0)
    }

    @Test func `an impostor is not the person on the portrait`() {
        for seed in 0..<50 as Range<UInt64> {
            let (willing, impostor) = (CounterSetup(seed: seed), CounterSetup(.impostor, seed: seed))
            #expect(willing.firstPerson == willing.person)
            #expect(impostor.firstPerson != impostor.person)
            #expect(CounterSetup(.relative, seed: seed).firstPerson != impostor.person)
        }
    }
}
