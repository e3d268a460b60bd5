import FoundationEssentials
import Glibc
import Platform
package import Ports

/// The folder in which a device keeps what outlives the process: identity, key, log, limits.
///
/// Held by one process at a time. Nothing in it is of a face.
package struct DeviceState: ~Copyable, Sendable {
    /// Grows when a version could not read what the next one writes; a newer number than this is refused.
    private static let format = "1"

    package let path: String
    /// Locked as long as this value lives.
    private let lock: OwnedDescriptor

    /// Opens the folder and locks it against other processes; makes it when it is missing, unless it must be `existing`.
    package init(path: String, existing: Bool = false) throws(EvidenceFault) {
        if existing, unsafe access("\(path)/lock", F_OK) != 0, errno == ENOENT { throw .noState(path: path) }
        let lock = try naming(path) { () throws(Errno) in
            if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw .current }
            return try OwnedDescriptor(opening: "\(path)/lock", flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        }
        guard Self.take(lock) else { throw .inUse(path: path) }
        try Self.checkOwner(of: path)
        try Self.checkFormat(of: path)
        self.path = path
        self.lock = lock
    }

    /// Waits a moment for a process that is just ending.
    private static func take(_ lock: borrowing OwnedDescriptor) -> Bool {
        for _ in 0..<20 {
            if lock.withRaw({ flock($0, LOCK_EX | LOCK_NB) }) == 0 { return true }
            usleep(25_000)
        }
        return false
    }

    private static func checkOwner(of path: String) throws(EvidenceFault) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .system(path, .current) }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else { throw .exposed(path: path) }
    }

    private static func formatFile(in path: String) -> String { "\(path)/format" }

    private static func checkFormat(of path: String) throws(EvidenceFault) {
        let file = formatFile(in: path)
        guard let text = try naming(file, { () throws(Errno) in try StateFile.read(file, limit: 64) }) else {
            return try naming(file) { () throws(Errno) in
                try StateFile.replace(file, with: Array("\(format)\n".utf8), synchronised: true)
            }
        }
        let found = String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        if found != format { throw .newerState(path: path, version: found) }
    }

    // MARK: Identity

    private var identityPath: String { "\(path)/identity" }
    var keyPath: String { "\(path)/device.key" }
    /// While the key changes.
    var nextKeyPath: String { "\(path)/device.key.next" }
    package var logPath: String { "\(path)/log" }

    /// The device's name, from commissioning to decommissioning; `nil` before.
    package func identity() throws(EvidenceFault) -> DeviceIdentity? {
        let path = identityPath
        guard let text = try naming(path, { () throws(Errno) in try StateFile.read(path, limit: 4096) }) else {
            return nil
        }
        guard let identity = DeviceIdentity(json: text) else {
            throw .unusable(path: path, detail: "it is no identity")
        }
        return identity
    }

    /// Gives the device a name and, unless a credential brings one, a key; one that has them keeps them.
    ///
    /// What an earlier name has signed is put aside, since no other key may go on with it.
    @discardableResult
    package func commission(credential: String? = nil) throws(EvidenceFault) -> DeviceIdentity {
        if let identity = try identity() { return identity }
        let identity = DeviceIdentity(device: Base64URL.string(randomBytes(16)))
        if credential == nil {
            // A key without an identity is left of a commissioning that was cut short; nothing was signed with it.
            _ = unsafe unlink(keyPath)
            try KeyFile.write(SigningKey(), to: keyPath)
        }
        try naming(path) { () throws(Errno) in
            try putLogAside()
            try StateFile.replace(identityPath, with: identity.json(), synchronised: true)
        }
        return identity
    }

    private func putLogAside() throws(Errno) {
        guard unsafe access(logPath, F_OK) == 0 else { return }
        var number = 1
        while unsafe access("\(logPath).\(number)", F_OK) == 0 { number += 1 }
        try retrying { unsafe rename(logPath, "\(logPath).\(number)") }
    }

    /// The folders of logs that were put aside.
    func earlierLogs() throws(Errno) -> [String] {
        try visibleNames(in: path).filter { $0.hasPrefix("log.") }.sorted().map { "\(path)/\($0)" }
    }

    /// Destroys the key and the name, and tells which of them there was; the log stays, so that it can be exported and
    /// read.
    ///
    /// Afterwards any version may commission the device.
    @discardableResult
    package func decommission() throws(EvidenceFault) -> (hadName: Bool, hadKey: Bool) {
        let had = (exists(identityPath), exists(keyPath) || exists(nextKeyPath))
        let files = [
            keyPath, nextKeyPath, identityPath, cameraPath, lampsPath, calibrationPath, Self.triesFile(in: path),
        ]
        try naming(path) { () throws(Errno) in
            for file in [keyPath, nextKeyPath] { try overwrite(file) }
            for file in files { try remove(file) }
            try StateFile.synchroniseFolder(path)
            // As long as anything is left, a version that cannot read it must refuse it.
            try remove(Self.formatFile(in: path))
            try StateFile.synchroniseFolder(path)
        }
        return had
    }

    private func exists(_ file: String) -> Bool { unsafe access(file, F_OK) == 0 }

    private func remove(_ file: String) throws(Errno) {
        if unsafe unlink(file) != 0, errno != ENOENT { throw .current }
    }

    /// Writes zeros over a file's content, which helps where the disk writes in place.
    private func overwrite(_ file: String) throws(Errno) {
        do throws(Errno) {
            let descriptor = try OwnedDescriptor(opening: file, flags: O_WRONLY | O_NOFOLLOW)
            let zeros = [UInt8](repeating: 0, count: try descriptor.fileSize())
            try unsafe descriptor.writeAll(zeros.span.bytes)
            try descriptor.synchronise()
        } catch {
            if error.code != ENOENT { throw error }
        }
    }

    // MARK: Camera

    private var cameraPath: String { "\(path)/camera" }

    /// The camera that is pinned; `nil` when none is.
    package func pinnedCamera() throws(EvidenceFault) -> CameraIdentity? {
        try value(in: cameraPath, missing: "it names no camera")
    }

    /// Pins a camera until another is pinned or the device is decommissioned; what was measured with another is gone.
    package func pin(_ camera: CameraIdentity) throws(EvidenceFault) {
        if try pinnedCamera() != camera {
            try naming(calibrationPath) { () throws(Errno) in try remove(calibrationPath) }
        }
        try keep(camera, in: cameraPath)
    }

    private func value<Value: Decodable>(in path: String, missing detail: String) throws(EvidenceFault) -> Value? {
        guard let text = try naming(path, { () throws(Errno) in try StateFile.read(path, limit: 4096) }) else {
            return nil
        }
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(text)) else {
            throw .unusable(path: path, detail: detail)
        }
        return value
    }

    private func keep(_ value: some Encodable, in file: String) throws(EvidenceFault) {
        guard let json = try? JSONEncoder().encode(value) else {
            throw .unusable(path: file, detail: "it cannot be written down")
        }
        try naming(file) { () throws(Errno) in try StateFile.replace(file, with: Array(json), synchronised: true) }
    }

    // MARK: Lights

    private var lampsPath: String { "\(path)/lamps" }
    private var calibrationPath: String { "\(path)/light" }

    /// What the illuminators did at commissioning; `nil` before.
    package func lightCalibration() throws(EvidenceFault) -> LightCalibration? {
        let detail = "it is no calibration of the illuminators; remove it, and measure them again"
        let calibration: LightCalibration? = try value(in: calibrationPath, missing: detail)
        guard calibration?.isPlausible ?? true else { throw .unusable(path: calibrationPath, detail: detail) }
        return calibration
    }

    /// Keeps it until it is measured again, another camera is pinned, or the device is decommissioned.
    package func keep(_ calibration: LightCalibration) throws(EvidenceFault) {
        try keep(calibration, in: calibrationPath)
    }

    /// The lamps that a technician saw lit, by name; empty before.
    package func seenLamps() throws(EvidenceFault) -> [String] {
        let text = try naming(lampsPath) { () throws(Errno) in try StateFile.read(lampsPath, limit: 4096) }
        return String(decoding: text ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Keeps that a technician saw these lamps lit, until the device is decommissioned.
    package func keepSeenLamps(_ lamps: [String]) throws(EvidenceFault) {
        try naming(lampsPath) { () throws(Errno) in
            try StateFile.replace(lampsPath, with: Array(lamps.joined(separator: "\n").utf8), synchronised: true)
        }
    }

    // MARK: Limits

    /// Bytes of tries; the bounds of what a device remembers keep them below half of it.
    static let longestTries = 1 << 20

    /// What `keepTries` wrote last; `nil` when there is nothing.
    package func keptTries() throws(EvidenceFault) -> [UInt8]? {
        let file = Self.triesFile(in: path)
        return try naming(file) { () throws(Errno) in try StateFile.read(file, limit: Self.longestTries) }
    }

    /// Keeps counts of tries and used nonces over a restart.
    static func keepTries(_ bytes: [UInt8], in folder: String) throws(Errno) {
        try StateFile.replace(triesFile(in: folder), with: bytes, synchronised: true)
    }

    private static func triesFile(in folder: String) -> String { "\(folder)/tries" }
}

/// Who the device is.
package struct DeviceIdentity: Codable, Hashable, Sendable {
    /// 128 random bits in base64url.
    package var device: String

    init(device: String) { self.device = device }

    init?(json: [UInt8]) {
        guard let identity = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = identity
    }

    func json() -> [UInt8] { Array(#"{"device":"\#(device)"}"#.utf8) }
}
