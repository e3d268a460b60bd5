import Glibc
import Platform
package import Ports
import Synchronization

/// Lights on GPIO lines, held from the first call to the last.
///
/// A chip that vanished is reported once and looked for again by the next call, `check` included, which lights again
/// what should still be lit. Dropping the value turns all lights dark before it lets the lines go: what a line does
/// afterwards is the board's pull.
package final class GPIOLights: Lights {
    private let profile: GPIOLightsProfile
    private let kernel: any GPIOKernel
    private let lamps: [Lamp]
    private let driven: Mutex<Driven>

    private struct Driven {
        var lines: (any HeldLines)?
        /// Of each lamp, whether it should be lit.
        var lit: [Bool]
    }

    /// A line and when it is lit.
    private struct Lamp {
        let line: GPIOLightsProfile.Line
        let isLit: @Sendable (LightState) -> Bool
    }

    package init(profile: GPIOLightsProfile, kernel: any GPIOKernel = LinuxGPIOKernel()) {
        self.profile = profile
        self.kernel = kernel
        let privacyLamp: GPIOLightsProfile.Line? =
            switch profile.privacyLamp {
            case .line(let line): line
            case .cameraWired: nil
            }
        func lamp(_ line: GPIOLightsProfile.Line?, _ isLit: @escaping @Sendable (LightState) -> Bool) -> Lamp? {
            line.map { Lamp(line: $0, isLit: isLit) }
        }
        self.lamps =
            [
                lamp(privacyLamp) { $0.privacyLamp },
                lamp(profile.left) { $0.illuminators.contains(.left) },
                lamp(profile.right) { $0.illuminators.contains(.right) },
                lamp(profile.front) { $0.illuminators.contains(.front) },
                lamp(profile.green) { $0.indicators.contains(.green) },
                lamp(profile.yellow) { $0.indicators.contains(.yellow) },
                lamp(profile.red) { $0.indicators.contains(.red) },
                lamp(profile.white) { $0.indicators.contains(.white) },
            ].compactMap(\.self)
        self.driven = Mutex(Driven(lit: lamps.map { _ in false }))
    }

    deinit {
        // A chip that is gone has no light left to turn off.
        driven.withLock { driven in try? driven.lines?.set(levels(of: darkness)) }
    }

    package var fixtures: LightState { profile.fixtures }

    package func check() throws(LightsFault) {
        try driven.withLock { driven throws(LightsFault) in
            if let lines = driven.lines {
                do throws(Errno) { return try lines.probe() } catch {
                    driven.lines = nil
                    if error.code != ENODEV { throw fault("GPIOHANDLE_GET_LINE_VALUES", on: allLines, error) }
                }
            }
            if driven.lit.contains(true) { return try drive(driven.lit, &driven) }
            for lamp in lamps { try checkFree(lamp.line.name) }
        }
    }

    package func show(_ state: LightState) throws(LightsFault) {
        if lamps.isEmpty { return }
        try driven.withLock { driven throws(LightsFault) in
            let wanted = lamps.map { $0.isLit(state) }
            // A failure leaves what was lit and should stay so.
            driven.lit = zip(driven.lit, wanted).map { $0 && $1 }
            try drive(wanted, &driven)
            driven.lit = wanted
        }
    }

    /// Takes the lines where they are not held; lets them go where they cannot be set.
    private func drive(_ lit: [Bool], _ driven: inout Driven) throws(LightsFault) {
        if driven.lines == nil { driven.lines = try hold() }
        do throws(Errno) { try driven.lines?.set(levels(of: lit)) } catch {
            driven.lines = nil
            throw fault("GPIOHANDLE_SET_LINE_VALUES", on: allLines, error)
        }
    }

    /// Takes the lines, dark.
    private func hold() throws(LightsFault) -> any HeldLines {
        do {
            return try kernel.hold(
                lamps.map(\.line.name), on: profile.chip, high: levels(of: darkness), consumer: "portraitd")
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

    private var darkness: [Bool] { lamps.map { _ in false } }

    private func levels(of lit: [Bool]) -> [Bool] { zip(lamps, lit).map { $0.line.isActiveLow != $1 } }

    private var allLines: String { lamps.map(\.line.name).joined(separator: ", ") }

    private func fault(_ call: String, on line: String, _ errno: Errno) -> LightsFault {
        switch errno.code {
        case ENODEV, ENXIO: .chipMissing(chip: profile.chip)
        case EACCES, EPERM: .permissionDenied(chip: profile.chip)
        default: .system(call: call, line: line, errno)
        }
    }
}
