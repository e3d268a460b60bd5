import Glibc
import Platform

/// The files of a recording, one after another.
struct RecordingFiles {
    /// Whether each file is one picture.
    let isFolder: Bool
    /// The file that `next` opened last.
    private(set) var current: String
    private let path: String
    /// Names inside a folder that are still to come, last one first.
    private var names: [String]

    /// `path` names a file or a folder; "-" is standard input.
    init(path: String) throws(Errno) {
        self.path = path
        self.current = path
        self.isFolder = path == "-" ? false : try isDirectory(path)
        self.names = isFolder ? try jpegNames(in: path).sorted { naturallyPrecedes($1, $0) } : [path]
    }

    /// Opens the next file; `nil` after the last.
    mutating func next() throws(Errno) -> OwnedDescriptor? {
        guard let name = names.popLast() else { return nil }
        if name == "-" && !isFolder {
            return OwnedDescriptor(taking: try retrying { fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) })
        }
        current = isFolder ? path + "/" + name : name
        // A pipe without a writer must not hold the opener up.
        return try OwnedDescriptor(opening: current, flags: O_RDONLY | O_NONBLOCK)
    }
}

private func jpegNames(in folder: String) throws(Errno) -> [String] {
    try visibleNames(in: folder).filter { name in
        let lowered = name.lowercased()
        return lowered.hasSuffix(".jpg") || lowered.hasSuffix(".jpeg")
    }
}

/// Orders names as people do: runs of digits by their value, so that `frame2` comes before `frame10`.
func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
    var (a, b) = (Array(left.utf8)[...], Array(right.utf8)[...])
    while let x = a.first, let y = b.first {
        if isDigit(x) && isDigit(y) {
            let (m, n) = (a.prefix(while: isDigit), b.prefix(while: isDigit))
            let (p, q) = (m.drop { $0 == 0x30 }, n.drop { $0 == 0x30 })
            if p.count != q.count { return p.count < q.count }
            if !p.elementsEqual(q) { return p.lexicographicallyPrecedes(q) }
            (a, b) = (a.dropFirst(m.count), b.dropFirst(n.count))
        } else {
            if x != y { return x < y }
            (a, b) = (a.dropFirst(), b.dropFirst())
        }
    }
    // Equal so far: the shorter one first, then by their bytes ("1" and "01").
    return a.count != b.count ? a.count < b.count : left.utf8.lexicographicallyPrecedes(right.utf8)
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
