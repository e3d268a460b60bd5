import Glibc
import Platform
package import Settings

extension Configuration {
    package static let standardPath = "/etc/portraitd/portraitd.conf"
    private static let mostFiles = 64

    /// Reads `path` and what overrides it, `path.d/*.conf` in the order of the names; throws every fault of all.
    ///
    /// Without `path` the defaults hold, unless it must be there.
    package init(path: String, mustExist: Bool = false) throws(SettingsFaults) {
        var (files, faults): ([SettingsFile], [SettingsFault]) = ([], [])
        for file in Self.overrides(of: path, &faults) {
            do throws(Errno) {
                files.append(SettingsFile(name: file, text: try readSettings(file)))
            } catch {
                let isAllowed = file == path && !mustExist && error.code == ENOENT
                if !isAllowed { faults.append(.unreadable(file, error)) }
            }
        }
        do throws(SettingsFaults) {
            try self.init(files: files)
        } catch {
            throw SettingsFaults(faults + error.all)
        }
        guard faults.isEmpty else { throw SettingsFaults(faults) }
    }

    /// `path` itself, then the files that override it.
    private static func overrides(of path: String, _ faults: inout [SettingsFault]) -> [String] {
        let folder = path + ".d"
        do throws(Errno) {
            let names = try visibleNames(in: folder).filter { $0.hasSuffix(".conf") }.sorted {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
            guard names.count < mostFiles else {
                faults.append(
                    SettingsFault(
                        file: folder, problem: "It has \(names.count) files.",
                        remedy: "Join them to fewer than \(mostFiles)."))
                return [path]
            }
            return [path] + names.map { folder + "/" + $0 }
        } catch {
            if error.code != ENOENT { faults.append(.unreadable(folder, error)) }
            return [path]
        }
    }
}

extension SettingsFault {
    fileprivate static func unreadable(_ file: String, _ errno: Errno) -> SettingsFault {
        SettingsFault(
            file: file, problem: "It cannot be read: \(errno).",
            remedy: "Check that it is a regular file that the service may read.")
    }
}

/// Reads at most one byte more than a settings file may have, so that a longer one is refused by its reader.
private func readSettings(_ path: String) throws(Errno) -> [UInt8] {
    // A pipe without a writer must not hold the opener up.
    let file = try OwnedDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
    return try file.withRaw { raw throws(Errno) in
        var status = stat()
        try retrying { unsafe fstat(raw, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Errno(EINVAL) }
        var text = [UInt8](repeating: 0, count: SettingsFile.largestSize + 1)
        var count = 0
        while count < text.count {
            let got = try retrying {
                unsafe text.withUnsafeMutableBytes { text in
                    unsafe read(raw, text.baseAddress?.advanced(by: count), text.count - count)
                }
            }
            if got == 0 { break }
            count += got
        }
        return Array(text.prefix(count))
    }
}
