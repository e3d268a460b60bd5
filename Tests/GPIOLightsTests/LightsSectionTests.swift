import GPIOLights
import Settings
import Testing

private func profile(_ text: String) throws(SettingsFaults) -> GPIOLightsProfile {
    var settings = Settings([SettingsFile(name: "board.conf", text: Array(text.utf8))])
    let profile = settings.section("Lights") { GPIOLightsProfile(&$0) }
    try settings.finish()
    return profile
}

private func faults(_ text: String) -> [String] {
    do throws(SettingsFaults) {
        _ = try profile(text)
        return []
    } catch {
        return error.all.map(\.description)
    }
}

@Suite struct LightsSectionTests {
    @Test func `every key is read`() throws {
        let text = """
            [Lights]
            Chip=gpio3
            PrivacyLamp=pin-11 [GPIO3_A1]
            Left=a
            Right=b
            Front=c
            ActiveLow=front privacyLamp
            """
        let expected = GPIOLightsProfile(
            chip: "gpio3", privacyLamp: .line(.init(name: "pin-11 [GPIO3_A1]", isActiveLow: true)),
            left: .init(name: "a"), right: .init(name: "b"), front: .init(name: "c", isActiveLow: true))
        #expect(try profile(text) == expected)
    }

    @Test func `a camera with a wired lamp needs no chip`() throws {
        #expect(try profile("[Lights]\nPrivacyLamp=camera") == GPIOLightsProfile(chip: "", privacyLamp: .cameraWired))
    }

    @Test(arguments: [
        (
            "",
            "board.conf: [Lights] lacks PrivacyLamp. "
                + "Set PrivacyLamp= to its line, or to camera where the camera's own is wired."
        ),
        (
            "[Lights]\nChip=c\nLeft=a",
            "board.conf:1: [Lights] lacks PrivacyLamp. "
                + "Set PrivacyLamp= to its line, or to camera where the camera's own is wired."
        ),
        (
            "[Lights]\nPrivacyLamp=a",
            "board.conf:2: [Lights] names lines, but no chip. Set Chip= to the label that gpiodetect prints."
        ),
        (
            "[Lights]\nChip=c\nPrivacyLamp=a\nLeft=b\nFront=a",
            "board.conf:5: PrivacyLamp and Front in [Lights] name the same line. Give each light a line of its own."
        ),
        (
            "[Lights]\nPrivacyLamp=camera\nActiveLow=privacyLamp",
            "board.conf:3: ActiveLow in [Lights] has privacyLamp, which has no line. Remove it, or set PrivacyLamp=."
        ),
        (
            "[Lights]\nPrivacyLamp=camera\nActiveLow=letf",
            "board.conf:3: letf does not fit ActiveLow in [Lights]. Did you mean left?"
        ),
        (
            "[Lights]\nPrivacyLamp=camera\nPrivacylamp=a",
            "board.conf:3: Unknown key Privacylamp in [Lights]. Did you mean PrivacyLamp?"
        ),
        (
            "[Lights]\nPrivacyLamp=",
            "board.conf:2: PrivacyLamp in [Lights] is empty. Give a name of 1 to 31 characters, as gpioinfo prints it."
        ),
    ]) func `a mistake is told with its place and its remedy`(text: String, fault: String) {
        #expect(faults(text) == [fault])
    }
}
