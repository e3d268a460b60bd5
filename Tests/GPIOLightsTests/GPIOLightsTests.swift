import GPIOLights
import Glibc
import Platform
import Ports
import Testing

private let lamp = GPIOLightsProfile.Line(name: "privacy-lamp")
private let left = GPIOLightsProfile.Line(name: "illuminator-left", isActiveLow: true)
private let right = GPIOLightsProfile.Line(name: "illuminator-right", isActiveLow: true)
private let front = GPIOLightsProfile.Line(name: "illuminator-front")
private let full = GPIOLightsProfile(chip: "counter", privacyLamp: .line(lamp), left: left, right: right, front: front)
private let dark = [
    "privacy-lamp": false, "illuminator-left": true, "illuminator-right": true, "illuminator-front": false,
]
private let lampOnly = dark.merging(["privacy-lamp": true]) { $1 }

@Suite struct GPIOLightsTests {
    private let kernel = PlayedGPIO(lines: dark.keys.sorted())

    @Test func `checking touches no line`() throws {
        try GPIOLights(profile: full, kernel: kernel).check()
        #expect(kernel.history.isEmpty)
    }

    @Test func `the first call takes the lines dark, for portraitd`() throws {
        let lights = GPIOLights(profile: full, kernel: kernel)
        try lights.show(LightState(privacyLamp: true))
        #expect(kernel.history.first == dark)
        #expect(kernel.consumers["privacy-lamp"] == "portraitd")
        _ = consume lights
    }

    @Test(arguments: [
        (LightState.dark, [false, true, true, false]),
        (LightState(privacyLamp: true), [true, true, true, false]),
        (LightState(privacyLamp: true, illuminators: .left), [true, false, true, false]),
        (LightState(privacyLamp: true, illuminators: .right), [true, true, false, false]),
        (LightState(privacyLamp: false, illuminators: [.front, .left]), [false, false, true, true]),
        (LightState(privacyLamp: true, illuminators: [.left, .right, .front]), [true, false, false, true]),
    ])
    func `a state sets every line at once`(state: LightState, levels: [Bool]) throws {
        let lights = GPIOLights(profile: full, kernel: kernel)
        try lights.show(state)
        let names = [lamp, left, right, front].map(\.name)
        #expect(kernel.history == [dark, Dictionary(uniqueKeysWithValues: zip(names, levels))])
        _ = consume lights
    }

    @Test func `dropping the lights turns them dark, then lets the lines go`() throws {
        do { try GPIOLights(profile: full, kernel: kernel).show(LightState(privacyLamp: true, illuminators: .left)) }
        #expect(kernel.history.last == dark)
        #expect(kernel.consumers.isEmpty)
    }

    @Test func `a wired lamp and no illuminators need no chip`() throws {
        kernel.failure = ENODEV
        let lights = GPIOLights(profile: GPIOLightsProfile(chip: "none", privacyLamp: .cameraWired), kernel: kernel)
        try lights.check()
        try lights.show(LightState(privacyLamp: true))
        #expect(kernel.history.isEmpty)
    }

    @Test func `an illuminator that the device lacks is passed over`() throws {
        let lights = GPIOLights(
            profile: GPIOLightsProfile(chip: "counter", privacyLamp: .cameraWired, front: front), kernel: kernel)
        #expect(lights.fixtures == LightState(privacyLamp: false, illuminators: .front))
        try lights.show(LightState(privacyLamp: true, illuminators: [.left, .front]))
        #expect(kernel.history.last == ["illuminator-front": true])
    }

    @Test(arguments: [
        (ENODEV, LightsFault.chipMissing(chip: "counter")), (EACCES, .permissionDenied(chip: "counter")),
        (EPERM, .permissionDenied(chip: "counter")),
        (EIO, .system(call: "GPIO_GET_LINEINFO", line: "privacy-lamp", Errno(EIO))),
    ])
    func `a chip that does not answer says why`(errno: CInt, expected: LightsFault) {
        kernel.failure = errno
        let lights = GPIOLights(profile: full, kernel: kernel)
        #expect(fault { () throws(LightsFault) in try lights.check() } == expected)
        #expect(fault { () throws(LightsFault) in try lights.show(.dark) } == expected)
    }

    @Test func `a line that is missing or taken is named`() {
        let lights = GPIOLights(profile: full, kernel: kernel)
        kernel.consumers["illuminator-right"] = "spi0 CS1"
        let taken = LightsFault.lineTaken(line: "illuminator-right", consumer: "spi0 CS1")
        #expect(fault { () throws(LightsFault) in try lights.check() } == taken)
        #expect(fault { () throws(LightsFault) in try lights.show(.dark) } == taken)
        kernel.lines.remove("illuminator-left")
        let missing = LightsFault.lineMissing(line: "illuminator-left", chip: "counter")
        #expect(fault { () throws(LightsFault) in try lights.check() } == missing)
        #expect(fault { () throws(LightsFault) in try lights.show(.dark) } == missing)
        #expect(kernel.history.isEmpty)
    }

    @Test func `a chip that vanishes is noticed, and taken again when it is back`() throws {
        let lights = GPIOLights(profile: full, kernel: kernel)
        try lights.show(LightState(privacyLamp: true))
        try lights.check()
        kernel.failure = ENODEV
        kernel.consumers = [:]
        let gone = LightsFault.chipMissing(chip: "counter")
        #expect(fault { () throws(LightsFault) in try lights.show(.dark) } == gone)
        #expect(fault { () throws(LightsFault) in try lights.check() } == gone)
        kernel.failure = nil
        try lights.check()
        #expect(kernel.consumers.isEmpty)
        try lights.show(LightState(privacyLamp: true))
        #expect(kernel.consumers["privacy-lamp"] == "portraitd")
        _ = consume lights
    }

    @Test func `checking lights again what was lit on a chip that was exchanged`() throws {
        let lights = GPIOLights(profile: full, kernel: kernel)
        try lights.show(LightState(privacyLamp: true))
        kernel.exchangeChip()
        try lights.check()
        #expect(kernel.consumers["privacy-lamp"] == "portraitd")
        #expect(kernel.history == [dark, lampOnly, dark, lampOnly])
        _ = consume lights
    }

    @Test func `a lamp that was let go with lines that could not be set is lit again, or told`() throws {
        let lights = GPIOLights(profile: full, kernel: kernel)
        try lights.show(LightState(privacyLamp: true, illuminators: .right))
        kernel.setFailure = EIO
        let refusal = LightsFault.system(
            call: "GPIOHANDLE_SET_LINE_VALUES", line: [lamp, left, right, front].map(\.name).joined(separator: ", "),
            Errno(EIO))
        let next = LightState(privacyLamp: true, illuminators: .left)
        #expect(fault { () throws(LightsFault) in try lights.show(next) } == refusal)
        #expect(kernel.consumers.isEmpty)
        #expect(fault { () throws(LightsFault) in try lights.check() } == refusal)
        kernel.setFailure = nil
        try lights.check()
        #expect(kernel.consumers["privacy-lamp"] == "portraitd" && kernel.history.last == lampOnly)
        _ = consume lights
    }

    @Test func `a lamp that could not be lit stays dark`() throws {
        let lights = GPIOLights(profile: full, kernel: kernel)
        kernel.failure = ENODEV
        let state = LightState(privacyLamp: true)
        #expect(fault { () throws(LightsFault) in try lights.show(state) } == .chipMissing(chip: "counter"))
        kernel.failure = nil
        try lights.check()
        #expect(kernel.history.isEmpty)
    }

    @Test(arguments: ["/dev/no-such-chip", "/dev/null", "no-such-label"])
    func `the running kernel's answer is understood`(chip: String) {
        let lights = GPIOLights(profile: GPIOLightsProfile(chip: chip, privacyLamp: .line(lamp)))
        #expect(fault { () throws(LightsFault) in try lights.check() } == .chipMissing(chip: chip))
        #expect(fault { () throws(LightsFault) in try lights.show(.dark) } == .chipMissing(chip: chip))
    }
}

/// Runs `body` for the fault that it throws.
private func fault(_ body: () throws(LightsFault) -> Void) -> LightsFault? {
    do { try body() } catch { return error }
    return nil
}
