package import Settings

extension GPIOLightsProfile {
    /// Reads the section `[Lights]` of a board profile; what does not fit is reported to `section`.
    package init(_ section: inout SettingsSection) {
        var draft = LightsDraft()
        draft.read(&section)
        self = draft.profile
    }
}

/// A profile while it is read.
private struct LightsDraft {
    private enum Place: String, CaseIterable {
        case privacyLamp, left, right, front, green, yellow, red, white

        /// The key that names the line.
        var key: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
    }

    /// Stands in place of a line for a lamp that the camera lights by itself.
    private static let cameraWired = "camera"

    private var chip = ""
    /// By place.
    private var names: [Place: String] = [:]
    private var activeLow: [Place] = []

    mutating func read(_ section: inout SettingsSection) {
        section.read("Chip", .gpioName, into: &chip)
        for place in Place.allCases {
            var name = ""
            section.read(place.key, .gpioName, into: &name)
            if !name.isEmpty { names[place] = name }
        }
        section.read("ActiveLow", .words(Place.allCases, atLeast: 1), into: &activeLow)
        if names[.privacyLamp] == nil {
            section.reportMissing(
                "PrivacyLamp", remedy: "Set PrivacyLamp= to its line, or to camera where the camera's own is wired.")
        }
        if lines.isEmpty == false, chip.isEmpty {
            section.report(
                Place.allCases.map(\.key), problem: "\(section) names lines, but no chip.",
                remedy: "Set Chip= to the label that gpiodetect prints.")
        }
        checkLines(&section)
    }

    private func checkLines(_ section: inout SettingsSection) {
        for (index, place) in lines.enumerated() {
            guard let other = lines[..<index].first(where: { names[$0] == names[place] }) else { continue }
            section.report(
                [place.key, other.key], problem: "\(other.key) and \(place.key) in \(section) name the same line.",
                remedy: "Give each light a line of its own.")
        }
        for place in activeLow where !lines.contains(place) {
            section.report(
                ["ActiveLow"], problem: "ActiveLow in \(section) has \(place.rawValue), which has no line.",
                remedy: "Remove it, or set \(place.key)=.")
        }
    }

    /// Those that hang on a line.
    private var lines: [Place] {
        Place.allCases.filter {
            $0 == .privacyLamp ? names[$0] ?? Self.cameraWired != Self.cameraWired : names[$0] != nil
        }
    }

    var profile: GPIOLightsProfile {
        func line(_ place: Place) -> GPIOLightsProfile.Line? {
            guard lines.contains(place), let name = names[place] else { return nil }
            return GPIOLightsProfile.Line(name: name, isActiveLow: activeLow.contains(place))
        }
        return GPIOLightsProfile(
            chip: chip, privacyLamp: line(.privacyLamp).map { .line($0) } ?? .cameraWired, left: line(.left),
            right: line(.right), front: line(.front), green: line(.green), yellow: line(.yellow), red: line(.red),
            white: line(.white))
    }
}

extension SettingForm where Value == String {
    /// As `gpioinfo` prints it; the kernel's names have at most 31 characters.
    fileprivate static var gpioName: Self {
        Self("a name of 1 to 31 characters, as gpioinfo prints it") { (1...31).contains($0.utf8.count) ? $0 : nil }
    }
}
