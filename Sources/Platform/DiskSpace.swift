import Glibc

/// The room on the file system that holds a path.
package struct DiskSpace: Hashable, Sendable {
    /// With less free, 0 to 1, a disk is nearly full.
    package static let leastFreeShare = 0.05

    package let byteCount: Int
    /// What a process without privileges may still use.
    package let freeByteCount: Int

    package init(holding path: String) throws(Errno) {
        var status = statvfs()
        try retrying { unsafe statvfs(path, &status) }
        let block = Int(clamping: status.f_frsize)
        byteCount = block.multipliedReportingOverflow(by: Int(clamping: status.f_blocks)).partialValue
        freeByteCount = block.multipliedReportingOverflow(by: Int(clamping: status.f_bavail)).partialValue
    }

    /// 0 to 1.
    package var freeShare: Double { byteCount > 0 ? Double(freeByteCount) / Double(byteCount) : 0 }
}
