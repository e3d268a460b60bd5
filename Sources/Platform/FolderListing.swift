import Glibc

/// The names of what is in `folder`, in no order; those that begin with a dot are left out.
package func visibleNames(in folder: String) throws(Errno) -> [String] {
    guard let stream = unsafe opendir(folder) else { throw .current }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
        errno = 0
        guard let entry = unsafe readdir(stream) else {
            if errno != 0 { throw .current }
            return names
        }
        let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
}

/// Whether a folder, or a link to one, is at `path`.
package func isDirectory(_ path: String) throws(Errno) -> Bool {
    var status = stat()
    try retrying { unsafe stat(path, &status) }
    return status.st_mode & S_IFMT == S_IFDIR
}
