import Platform
import Presentations
import Settings
import Simulator
import Testing

@Suite struct ScenarioFileTests {
    private func setup(_ lines: String...) throws(SettingsFaults) -> CounterSetup {
        let text = (["[Scenario]"] + lines).joined(separator: "\n")
        return try CounterSetup(SettingsFile(name: "a.conf", text: Array(text.utf8)))
    }

    @Test func `every key is read`() throws {
        let setup = try setup(
            "Seed=7", "Person=leaves", "ArrivesAfter=2s", "ReactionTime=300ms", "Place=near", "RoomLight=bright",
            "RoomLightFor=3s", "CameraFault=stall", "CameraFaultAfter=4s", "LightsFault=taken", "BusyFor=5s")
        var expected = CounterSetup(.leaves, seed: 7)
        (expected.arrival, expected.reactionTime, expected.place) = (.seconds(2), .milliseconds(300), .near)
        (expected.roomLight, expected.roomLightTime) = (.bright, .seconds(3))
        (expected.cameraTrouble, expected.cameraTroubleOnset) = (.stall, .seconds(4))
        (expected.lightsTrouble, expected.otherTillTime) = (.taken, .seconds(5))
        #expect(setup == expected)
    }

    @Test func `an empty file is the willing person`() throws {
        #expect(try setup() == CounterSetup(.willing, seed: 0))
    }

    @Test(arguments: [
        ("Persn=willing", "a.conf:2: Unknown key Persn in [Scenario]. Did you mean Person?"),
        ("Person=wiling", "a.conf:2: wiling does not fit Person in [Scenario]. Did you mean willing?"),
        ("ArrivesAfter=1h", "a.conf:2: 1h does not fit ArrivesAfter in [Scenario]. Give a duration from 0s to 10min."),
        (
            "CameraFaultAfter=1s",
            "a.conf:2: CameraFaultAfter in [Scenario] does not go with CameraFault=none. "
                + "Remove it, or choose unplug, stall, freeze or corrupt."
        ),
        (
            "RoomLightFor=1s",
            "a.conf:2: RoomLightFor in [Scenario] needs an unusual room light. Remove it, or choose dark or bright."
        ),
    ]) func `a mistake is explained`(line: String, explanation: String) {
        let faults = #expect(throws: SettingsFaults.self) { try setup(line) }
        #expect(faults?.description == explanation)
    }
}
