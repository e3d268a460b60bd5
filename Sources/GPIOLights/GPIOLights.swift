import Glibc
import Platform
package import Ports
import Synchronization

/// Lights on GPIO lines, held from the first call to the last.
///
/// A chip that vanished is reported once and looked for again by the next call. Dropping the value turns all lights
/// dark before it lets the lines go: what a line does afterwards is the board's pull.
package final class GPIOLights: Lights {
    private let profile: GPIOLightsProfile
    private let kernel: any GPIOKernel
    private let lamps: [Lamp]
    private let held = Mutex<(any HeldLines)?>(nil)

    /// A line and when it is lit.
    private struct Lamp {
        let line: GPIOLightsProfile.Line
        /// The illuminator it is; empty for the privacy lamp.
        let illuminator: Illuminators

        func isLit(in state: LightState) -> Bool {
            illuminator.isEmpty ? state.privacyLamp : state.illuminators.contains(illuminator)
        }
    }

    package init(profile: GPIOLightsProfile, kernel: any GPIOKernel = LinuxGPIOKernel()) {
        self.profile = profile
        self.kernel = kernel
        let privacyLamp: GPIOLightsProfile.Line? =
            switch profile.privacyLamp {
            case .line(let line): line
            case .cameraWired: nil
            }
        let places: [(GPIOLightsProfile.Line?, Illuminators)] = [
            (privacyLamp, []), (profile.left, .left), (profile.right, .right), (profile.front, .front),
        ]
        self.lamps = places.compactMap { line, illuminator in line.map { Lamp(line: $0, illuminator: illuminator) } }
    }

    deinit {
        // A chip that is gone has no light left to turn off.
        held.withLock { held in try? held?.set(levels(for: .dark)) }
    }

    /// The illuminators that the device has; `show` passes over the others.
    package var illuminators: Illuminators { Illuminators(lamps.map(\.illuminator)) }

    package func check() throws(LightsFault) {
        try held.withLock { held throws(LightsFault) in
            if let lines = held {
                do throws(Errno) { return try lines.probe() } catch {
                    held = nil
                    if error.code != ENODEV { throw fault("GPIOHANDLE_GET_LINE_VALUES", on: allLines, error) }
                }
            }
            for lamp in lamps { try checkFree(lamp.line.name) }
        }
    }

    package func show(_ state: LightState) throws(LightsFault) {
        if lamps.isEmpty { return }
        try held.withLock { held throws(LightsFault) in
            if held == nil { held = try hold() }
            do throws(Errno) { try held?.set(levels(for: state)) } catch {
                held = nil
                throw fault("GPIOHANDLE_SET_LINE_VALUES", on: allLines, error)
            }
        }
    }

    /// Takes the lines, dark.
    private func hold() throws(LightsFault) -> any HeldLines {
        do {
            return try kernel.hold(
                lamps.map(\.line.name), on: profile.chip, high: levels(for: .dark), consumer: "portraitd")
        } catch {
            // The kernel does not say which line it refused.
            for lamp in lamps { try checkFree(lamp.line.name) }
            throw fault("GPIO_GET_LINEHANDLE", on: allLines, error)
        }
    }

    private func checkFree(_ line: String) throws(LightsFault) {
        let consumer: String?
        do { consumer = try kernel.consumer(of: line, on: profile.chip) } catch {
            if error.code == ENOENT { throw .lineMissing(line: line, chip: profile.chip) }
            throw fault("GPIO_GET_LINEINFO", on: line, error)
        }
        if let consumer { throw .lineTaken(line: line, consumer: consumer) }
    }

    private func levels(for state: LightState) -> [Bool] {
        lamps.map { $0.isLit(in: state) != $0.line.isActiveLow }
    }

    private var allLines: String { lamps.map(\.line.name).joined(separator: ", ") }

    private func fault(_ call: String, on line: String, _ errno: Errno) -> LightsFault {
        switch errno.code {
        case ENODEV, ENXIO: .chipMissing(chip: profile.chip)
        case EACCES, EPERM: .permissionDenied(chip: profile.chip)
        default: .system(call: call, line: line, errno)
        }
    }
}
