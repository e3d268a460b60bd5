import Glibc

/// Tells when something at these paths comes, goes or changes hands (inotify on the folders that lead there).
///
/// Folders that are not there yet are followed as soon as they are; the root folder is not watched. A path that ends in
/// `*` stands for all that begin so.
package final class PathWatch: Sendable {
    private static let events = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB
    private static let headerByteCount = MemoryLayout<inotify_event>.size

    private let notifier: OwnedDescriptor
    private let paths: [String]

    /// Takes absolute paths.
    package init(_ paths: [String]) throws(Errno) {
        self.notifier = OwnedDescriptor(
            taking: try retrying { inotify_init1(CInt(bitPattern: UInt32(IN_CLOEXEC | IN_NONBLOCK))) })
        self.paths = paths
    }

    /// Calls `handler` on the loop after changes, once for some that come together.
    ///
    /// Patient, since whoever may touch a node can do so without end.
    package func attach(to loop: EventLoop, _ handler: @escaping () -> Void) throws(Errno) -> EventLoop.Watch {
        var awaited = arm()
        return try loop.watch(notifier, for: .readable, as: .patient) { [self] _ in
            guard takeEvents(awaited) else { return }
            // Before the handler looks, so that what comes behind its look is told again.
            awaited = arm()
            handler()
        }
    }

    /// The names that matter in each watched folder; watching one again does nothing.
    private func arm() -> [CInt: Set<String>] {
        var awaited: [CInt: Set<String>] = [:]
        for path in paths {
            var folder = ""
            for name in path.split(separator: "/") {
                if !folder.isEmpty {
                    let watch = notifier.withRaw { unsafe inotify_add_watch($0, folder, UInt32(Self.events)) }
                    if watch < 0 { break }
                    awaited[watch, default: []].insert(String(name))
                }
                folder += "/\(name)"
            }
        }
        return awaited
    }

    private static func fits(_ name: ArraySlice<UInt8>, _ pattern: String) -> Bool {
        pattern.last == "*" ? name.starts(with: pattern.utf8.dropLast()) : name.elementsEqual(pattern.utf8)
    }

    /// Reads some of what has happened, the loop comes back for the rest; returns whether any of it matters.
    private func takeEvents(_ awaited: [CInt: Set<String>]) -> Bool {
        var matters = false
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = notifier.withRaw { raw in unsafe read(raw, &bytes, bytes.count) }
        var rest = bytes[..<max(count, 0)]
        while rest.count >= Self.headerByteCount {
            let event = unsafe rest.withUnsafeBytes { unsafe $0.loadUnaligned(as: inotify_event.self) }
            let name = rest.dropFirst(Self.headerByteCount).prefix(Int(event.len)).prefix { $0 != 0 }
            let isLost = event.mask & UInt32(IN_Q_OVERFLOW) != 0
            if isLost || awaited[event.wd]?.contains(where: { Self.fits(name, $0) }) == true { matters = true }
            rest = rest.dropFirst(Self.headerByteCount + Int(event.len))
        }
        return matters
    }
}
