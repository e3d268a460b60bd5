/// A set of settings files, read by asking for what is known.
///
/// A key of a later file overrides the same key of an earlier one. What nobody has asked for when `finish` is
/// called is unknown; so the code that reads a key is the only place that names it.
package struct Settings {
    private struct Section {
        /// Where its title stands; several times when files add to each other.
        var positions: [SettingsPosition] = []
        var entries: [String: [SettingsEntry]] = [:]
    }

    private var sections: [SectionTitle: Section] = [:]
    private var asked: Set<SectionTitle> = []
    /// Whether the sections of a known kind have names.
    private var kinds: [String: Bool] = [:]
    private var faults: [SettingsFault] = []
    /// Each as a whole.
    private let files: [SettingsPosition]

    package init(_ files: [SettingsFile]) {
        self.files = files.enumerated().map { SettingsPosition(file: $1.name, place: $0, line: nil) }
        for (place, file) in files.enumerated() { take(file, place) }
    }

    /// The names of the sections of one kind, in their order; a section without a right name is a fault.
    package mutating func names(of kind: String) -> [String] {
        kinds[kind] = true
        var names: [String] = []
        for title in sections.keys where title.kind == kind {
            guard let name = title.name else { continue }
            if case .fits(let name) = SettingForm.name.read(name) {
                names.append(name)
            } else {
                asked.insert(title)
                report(title, "\(name.clipped) cannot name a section.", "Give \(SettingForm.name.expectation).")
            }
        }
        return names.sorted()
    }

    /// Reads one section; it is empty when no file has it.
    package mutating func section<Result>(
        _ kind: String, named name: String? = nil, _ read: (inout SettingsSection) -> Result
    ) -> Result {
        kinds[kind] = name != nil
        let title = SectionTitle(kind: kind, name: name)
        asked.insert(title)
        let start = sections[title]?.positions.first ?? files.first
        var section = SettingsSection(title, sections[title]?.entries ?? [:], at: start)
        let result = read(&section)
        faults += section.finish()
        return result
    }

    /// Ends the reading; throws every fault of all files.
    package consuming func finish() throws(SettingsFaults) {
        for title in sections.keys where !asked.contains(title) {
            switch kinds[title.kind] {
            case true?: report(title, "\(title) lacks a name.", "Write [\(title.kind) NAME].")
            case false?: report(title, "\(title) cannot have a name.", "Write [\(title.kind)].")
            case nil: report(title, "Unknown section \(title).", proposal(for: title))
            }
        }
        guard faults.isEmpty else { throw SettingsFaults(faults.sorted { $0.position < $1.position }) }
    }

    private func proposal(for title: SectionTitle) -> String {
        let known = kinds.keys.sorted()
        func example(_ kind: String, named name: String = "NAME") -> String {
            "[\(kind)\(kinds[kind] ?? false ? " \(name)" : "")]"
        }
        if let kind = nearestName(to: title.kind, among: known) {
            return "Did you mean \(example(kind, named: title.name?.clipped ?? "NAME"))?"
        }
        return "Known sections are \(known.map { example($0) }.joined(separator: ", "))."
    }

    private mutating func report(_ title: SectionTitle, _ problem: String, _ remedy: String) {
        faults += (sections[title]?.positions ?? []).map { SettingsFault(at: $0, problem: problem, remedy: remedy) }
    }

    // MARK: Files

    /// Where in a file its next entry belongs.
    private enum Place {
        case top
        case section(SectionTitle)
        /// Below a title that cannot be read.
        case nowhere
    }

    private struct Cursor {
        var place = Place.top
        var titleCount = 0
    }

    private mutating func take(_ file: SettingsFile, _ place: Int) {
        guard file.text.count <= SettingsFile.largestSize else {
            let position = SettingsPosition(file: file.name, place: place, line: nil)
            let problem = "The file is larger than \(sizeText(SettingsFile.largestSize))."
            return faults.append(
                SettingsFault(at: position, problem: problem, remedy: "Remove what does not belong there."))
        }
        var cursor = Cursor()
        for (index, line) in file.lines.enumerated() {
            let position = SettingsPosition(file: file.name, place: place, line: index + 1)
            do throws(SettingsFault) {
                try take(try SettingsLine(line, at: position), at: position, &cursor)
            } catch {
                faults.append(error)
            }
            guard cursor.titleCount <= SettingsFile.mostSections else { return }
        }
    }

    private mutating func take(
        _ line: SettingsLine, at position: SettingsPosition, _ cursor: inout Cursor
    ) throws(SettingsFault) {
        switch line {
        case .nothing: break
        case .entry(let key, let value):
            try take(key, SettingsEntry(value: value, position: position), cursor.place)
        case .title(let text):
            cursor.titleCount += 1
            guard cursor.titleCount <= SettingsFile.mostSections else {
                throw SettingsFault(
                    at: position, problem: "The file has more than \(SettingsFile.mostSections) sections.",
                    remedy: "Put the rest into another file.")
            }
            cursor.place = .nowhere
            let title = try SectionTitle(text, at: position)
            cursor.place = .section(title)
            sections[title, default: Section()].positions.append(position)
        }
    }

    private mutating func take(_ key: String, _ entry: SettingsEntry, _ place: Place) throws(SettingsFault) {
        switch place {
        case .nowhere: break
        case .top:
            throw SettingsFault(
                at: entry.position, problem: "\(key.clipped) stands before the first section.",
                remedy: "Write [Section] above it.")
        case .section(let title):
            let other = sections[title]?.entries[key]?.last
            sections[title]?.entries[key, default: []].append(entry)
            guard let other, other.position.place == entry.position.place else { return }
            throw SettingsFault(
                at: entry.position,
                problem: "\(key.clipped) in \(title) is already set in line \(other.position.line ?? 0).",
                remedy: "Remove one of the two.")
        }
    }
}
