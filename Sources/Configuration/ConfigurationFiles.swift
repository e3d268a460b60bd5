import Glibc
import Platform
package import Settings

extension Configuration {
    package static let standardPath = "/etc/portraitd/portraitd.conf"
    private static let mostFiles = 64

    /// Reads `path` and what overrides it, `path.d/*.conf` in the order of the names; throws every fault of all.
    ///
    /// Without `path` the defaults hold, unless it must be there.
    package init(path: String, mustExist: Bool = false, thresholdSets: [String]? = nil) throws(SettingsFaults) {
        var (files, faults): ([SettingsFile], [SettingsFault]) = ([], [])
        for file in Self.overrides(of: path, &faults) {
            do throws(Errno) {
                files.append(try SettingsFile(reading: file))
            } catch {
                let isAllowed = file == path && !mustExist && error.code == ENOENT
                if !isAllowed { faults.append(.unreadable(file, error)) }
            }
        }
        do throws(SettingsFaults) {
            try self.init(files: files, thresholdSets: thresholdSets)
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
