package import Interface
import Platform
import Ports
package import Varlink

/// Lights one lamp after another, or one that is named for as long as the caller stays, for a technician who looks.
///
/// Thread-bound to the loop.
final class LightTour: TechnicianWork {
    private static let lampTime = Duration.seconds(1)

    private let call: Call
    private let lights: any Lights
    private let loop: EventLoop
    private let onEnd: () -> Void
    private let isStanding: Bool
    private var rest: [Technician.Lamp]
    private var timer: EventLoop.Timer?
    private var hasEnded = false

    /// `lamp` alone is lit until the end.
    init(
        _ call: Call, _ lights: any Lights, only lamp: Technician.Lamp?, loop: EventLoop, onEnd: @escaping () -> Void
    ) {
        self.call = call
        self.lights = lights
        self.loop = loop
        self.onEnd = onEnd
        self.isStanding = lamp != nil
        self.rest = lamp.map { [$0] } ?? lights.lamps
    }

    func begin() {
        call.onHangUp = { [weak self] in self?.end {} }
        next()
    }

    func stop() { end { [call] in call.fail(.maintenanceEnded) } }

    private func next() {
        do throws(LightsFault) {
            guard !rest.isEmpty else { return end { [call] in call.reply(Technician.LampOutput(lamp: nil)) } }
            let lamp = rest.removeFirst()
            try lights.show(LightState(only: lamp))
            call.replyContinuing(WireCoding.encode(Technician.LampOutput(lamp: lamp)))
            if isStanding { return }
            timer = loop.schedule(at: loop.now() + Self.lampTime) { [weak self] in self?.next() }
        } catch {
            end { [call] in call.fail(.notPossible(error)) }
        }
    }

    private func end(_ answer: () -> Void) {
        guard !hasEnded else { return }
        hasEnded = true
        if let timer { loop.cancel(timer) }
        // What cannot be turned off is told by the next check.
        try? lights.show(.dark)
        onEnd()
        answer()
    }
}

extension Workshop {
    func testLights(_ call: Call) {
        guard call.wantsMore else { return call.failExpectedMore() }
        if let obstacle = obstacle() { return call.fail(obstacle) }
        do throws(WireCoding.InvalidParameter) {
            let lamp = try WireCoding.decode(Technician.LampInput.self, from: call.parameters).lamp
            if let lamp, !equipment.lights.lamps.contains(lamp) { throw .init(name: "lamp") }
            desk.lend()
            let tour = LightTour(call, equipment.lights, only: lamp, loop: loop) { [unowned self] in workEnded() }
            maintenance.begin(tour)
            tour.begin()
        } catch {
            call.failInvalidParameter(error.name)
        }
    }
}

extension Lights {
    /// Those that the device has, in the order of their names' list.
    var lamps: [Technician.Lamp] {
        let fixtures = fixtures
        return Technician.Lamp.allCases.filter { $0.isLit(in: fixtures) }
    }
}

extension Technician.Lamp {
    fileprivate func isLit(in state: LightState) -> Bool {
        switch self {
        case .privacyLamp: state.privacyLamp
        case .left: state.illuminators.contains(.left)
        case .right: state.illuminators.contains(.right)
        case .front: state.illuminators.contains(.front)
        case .green: state.indicators.contains(.green)
        case .yellow: state.indicators.contains(.yellow)
        case .red: state.indicators.contains(.red)
        case .white: state.indicators.contains(.white)
        }
    }
}

extension LightState {
    /// One lamp lit, all others dark.
    init(only lamp: Technician.Lamp) {
        self = .dark
        switch lamp {
        case .privacyLamp: privacyLamp = true
        case .left: illuminators = .left
        case .right: illuminators = .right
        case .front: illuminators = .front
        case .green: indicators = .green
        case .yellow: indicators = .yellow
        case .red: indicators = .red
        case .white: indicators = .white
        }
    }
}

extension Call {
    /// Ends the call with an error of an interface.
    package func fail(_ error: WireError) { fail(error.name, WireCoding.encode(error.parameters)) }

    /// Ends the call with its result.
    func reply(_ output: some Encodable) { reply(WireCoding.encode(output)) }
}
