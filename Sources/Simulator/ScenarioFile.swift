import Platform
import Presentations
package import Settings

extension CounterSetup {
    /// Reads the section `[Scenario]` of a file; throws every mistake in it.
    package init(_ file: SettingsFile) throws(SettingsFaults) {
        self.init(seed: 0)
        var settings = Settings([file])
        settings.section("Scenario") { read(&$0) }
        try settings.finish()
    }

    private mutating func read(_ section: inout SettingsSection) {
        section.read("Seed", SettingForm<Int>.integer(in: 0...Int.max).map { UInt64($0) }, into: &seed)
        section.read("Person", .word, into: &visitor)
        section.read("ArrivesAfter", .moment, into: &arrival)
        section.read("ReactionTime", .moment, into: &reactionTime)
        section.read("Place", .word, into: &place)
        section.read("Attack", SettingForm<Species>.word.map { $0 }, into: &species)
        section.read("Condition", .word, into: &condition)
        section.read("RoomLight", .word, into: &roomLight)
        section.read("RoomLightFor", .moment, into: &roomLightTime)
        section.read("CameraFault", .word, into: &cameraTrouble)
        section.read("CameraFaultAfter", .moment, into: &cameraTroubleOnset)
        section.read("LightsFault", .word, into: &lightsTrouble)
        section.read("BusyFor", .duration(in: .zero...longest), into: &otherTillTime)
        if cameraTroubleOnset != nil, !cameraTrouble.hasOnset {
            section.report(
                ["CameraFault", "CameraFaultAfter"],
                problem: "CameraFaultAfter in \(section) does not go with CameraFault=\(cameraTrouble.rawValue).",
                remedy: "Remove it, or choose unplug, stall, freeze or corrupt.")
        }
        if roomLightTime != nil, roomLight == .usual {
            section.report(
                ["RoomLight", "RoomLightFor"],
                problem: "RoomLightFor in \(section) needs an unusual room light.",
                remedy: "Remove it, or choose dark or bright.")
        }
    }
}

/// Beyond any time limit of a verification.
private let longest = Duration.seconds(600)

extension SettingForm where Value == Duration? {
    fileprivate static var moment: Self { SettingForm<Duration>.duration(in: .zero...longest).map { $0 } }
}
