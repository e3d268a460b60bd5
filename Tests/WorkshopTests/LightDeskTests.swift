import Platform
import Ports
import Synchronization
import Testing

@testable import Workshop

/// Lights that remember what they were told.
private final class NotedLights: Lights {
    let fixtures: LightState
    private let noted = Mutex<(states: [LightState], fault: LightsFault?)>(([], nil))

    init(_ fixtures: LightState = .full) { self.fixtures = fixtures }

    var states: [LightState] { noted.withLock { $0.states } }
    func fail(_ fault: LightsFault?) { noted.withLock { $0.fault = fault } }
    func check() throws(LightsFault) {}
    func show(_ state: LightState) throws(LightsFault) {
        try noted.withLock { noted throws(LightsFault) in
            if let fault = noted.fault { throw fault }
            noted.states.append(state)
        }
    }
}

@Suite struct LightDeskTests {
    private static func desk(_ lights: NotedLights, _ time: HandLoop, onFault: @escaping () -> Void = {}) -> LightDesk {
        LightDesk(lights, patterns: .standard, loop: time.loop) { _ in onFault() }
    }

    @Test func `a signal leaves the privacy lamp as it is`() throws {
        let (lights, time) = (NotedLights(), try HandLoop())
        let desk = Self.desk(lights, time)
        desk.show(.ready)
        try desk.lightPrivacyLamp()
        desk.show(.capturing)
        try desk.darkenPrivacyLamp()
        desk.show(.ready)
        #expect(
            lights.states == [
                LightState(privacyLamp: false, indicators: .green), LightState(privacyLamp: true, indicators: .green),
                LightState(privacyLamp: true, indicators: .white), LightState(privacyLamp: false, indicators: .white),
                LightState(privacyLamp: false, indicators: .green),
            ])
    }

    @Test func `illuminators stay beside a signal, and go off with the lamp`() throws {
        let (lights, time) = (NotedLights(), try HandLoop())
        let desk = Self.desk(lights, time)
        try desk.lightPrivacyLamp()
        try desk.illuminate(.left)
        desk.show(.capturing)
        try desk.darkenPrivacyLamp()
        #expect(lights.states.map(\.illuminators) == [[], .left, .left, []])
    }

    @Test func `illuminators that fail are not tried again`() throws {
        let (lights, time) = (NotedLights(), try HandLoop())
        let desk = Self.desk(lights, time)
        try desk.lightPrivacyLamp()
        lights.fail(.chipMissing(chip: "x"))
        #expect(throws: LightsFault.self) { try desk.illuminate(.left) }
        lights.fail(nil)
        desk.show(.capturing)
        #expect(lights.states.last?.illuminators == [])
    }

    @Test func `a blinking signal goes on by itself`() throws {
        let (lights, time) = (NotedLights(), try HandLoop())
        let desk = Self.desk(lights, time)
        desk.show(.maintenance)
        for milliseconds: Int64 in [999, 1000, 1999, 2000, 3100] { try time.move(to: milliseconds) }
        #expect(lights.states.map(\.indicators) == [.yellow, [], .yellow, []])
    }

    @Test(arguments: [(true, Indicators.green), (false, .yellow)])
    func `a verdict is shown for a while, then what was before`(isAccepted: Bool, indicator: Indicators) throws {
        let (lights, time) = (NotedLights(), try HandLoop())
        let desk = Self.desk(lights, time)
        desk.show(.outOfOrder)
        desk.showVerdict(isAccepted: isAccepted)
        #expect(lights.states.last?.indicators == indicator)
        try time.move(to: 3999)
        #expect(lights.states.last?.indicators != .red)
        try time.move(to: 4000)
        #expect(lights.states.last?.indicators == .red)
    }

    @Test func `lights that fail are told of once, and used again when they work`() throws {
        let (lights, time) = (NotedLights(), try HandLoop())
        var faults = 0
        let desk = Self.desk(lights, time) { faults += 1 }
        lights.fail(.chipMissing(chip: "c"))
        desk.show(.ready)
        desk.show(.outOfOrder)
        #expect(faults == 1)
        #expect(throws: LightsFault.chipMissing(chip: "c")) { try desk.lightPrivacyLamp() }
        lights.fail(nil)
        desk.show(.ready)
        #expect(lights.states == [LightState(privacyLamp: false, indicators: .green)])
    }

    @Test func `lent lights are left alone`() throws {
        let (lights, time) = (NotedLights(), try HandLoop())
        let desk = Self.desk(lights, time)
        desk.lend()
        desk.show(.ready)
        #expect(lights.states.isEmpty)
        desk.takeBack()
        #expect(lights.states == [LightState(privacyLamp: false, indicators: .green)])
    }

    @Test func `a device without indicators does not touch its lights for a signal`() throws {
        let (lights, time) = (NotedLights(LightState(privacyLamp: true)), try HandLoop())
        Self.desk(lights, time).show(.ready)
        #expect(lights.states.isEmpty)
    }
}
