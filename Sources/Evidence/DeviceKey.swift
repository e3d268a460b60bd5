import Glibc
package import Platform
package import Ports

/// The device's key, and the logs that it signs or leaves alone.
extension DeviceState {
    /// Opens the log that `book` names.
    ///
    /// The device's needs the key: the credential's when there is one, else the state folder's.
    package func openLog(
        _ book: Book, credential: String?, limits: LogLimits, clock: any WallClock
    ) throws(EvidenceFault) -> EvidenceLog {
        let identity = try identity()
        switch book {
        case .device:
            guard let identity else { throw .notCommissioned }
            return try openDeviceLog(identity, credential, limits, clock)
        case .rehearsal:
            return try EvidenceLog(
                folder: "\(path)/rehearsal", book: .rehearsal, device: identity?.device ?? "rehearsal",
                boot: Self.boot, key: SigningKey(), limits: limits, clock: clock)
        }
    }

    private func openDeviceLog(
        _ identity: DeviceIdentity, _ credential: String?, _ limits: LogLimits, _ clock: any WallClock
    ) throws(EvidenceFault) -> EvidenceLog {
        let key: SigningKey
        if let credential { key = try KeyFile.read(credential, isCredential: true) } else { key = try stateKey() }
        try checkLog(goesOnWith: JSONWebKey(key.publicKey))
        return try EvidenceLog(
            folder: logPath, book: .device, device: identity.device, boot: Self.boot, key: key, limits: limits,
            clock: clock, camera: try pinnedCamera())
    }

    /// The key's file and its size; `nil` where a credential brings the key, or before there is one.
    package func keyFile() -> (path: String, byteCount: Int)? {
        var status = stat()
        return unsafe stat(keyPath, &status) == 0 ? (keyPath, Int(status.st_size)) : nil
    }

    /// The state folder's key; a rotation that was cut short is finished or taken back first.
    private func stateKey() throws(EvidenceFault) -> SigningKey {
        if unsafe access(nextKeyPath, F_OK) == 0 {
            let isAnnounced = try isNextKeyAnnounced()
            try naming(nextKeyPath) { () throws(Errno) in
                try retrying { unsafe isAnnounced ? rename(nextKeyPath, keyPath) : unlink(nextKeyPath) }
                try StateFile.synchroniseFolder(path)
            }
        }
        guard unsafe access(keyPath, F_OK) == 0 else { throw .keyMissing(path: keyPath) }
        return try KeyFile.read(keyPath)
    }

    /// Whether the log ends with the next key's name.
    ///
    /// What was not announced may be a part of a file, and is not read.
    private func isNextKeyAnnounced() throws(EvidenceFault) -> Bool {
        let lastLine = try naming(logPath) { () throws(Errno) in try LogSegment.lastLine(in: logPath) }
        guard let announced = lastLine.flatMap(Self.nextKey) else { return false }
        // Another rotation may have begun right behind the one that made the present key.
        if let key = try? KeyFile.read(keyPath), JSONWebKey(key.publicKey) == announced { return false }
        return JSONWebKey(try KeyFile.read(nextKeyPath).publicKey) == announced
    }

    /// Makes sure that the log's last record is of `key` or announces it, unless there is none that can be read.
    private func checkLog(goesOnWith key: JSONWebKey) throws(EvidenceFault) {
        let lastLine = try naming(logPath) { () throws(Errno) in try LogSegment.lastLine(in: logPath) }
        guard let lastLine, let signer = JSONWebSignature.keyName(of: lastLine) else { return }
        if signer != key.kid, Self.nextKey(in: lastLine) != key { throw .otherKey(path: logPath) }
    }

    private static func nextKey(in line: [UInt8]) -> JSONWebKey? {
        var reader = JSONWebSignatureReader()
        guard reader.readUnchecked(line.span) else { return nil }
        return Statement<CheckpointClaims>(json: reader.claims)?.content.nextKey
    }

    /// Makes a new key and signs the change with the old one; returns the new public key.
    package func rotateKey(clock: any WallClock) throws(EvidenceFault) -> PublicKey {
        var log = try openLog(.device, credential: nil, limits: .unlimited, clock: clock)
        let next = SigningKey()
        try KeyFile.write(next, to: nextKeyPath)
        try log.announce(next)
        try naming(nextKeyPath) { () throws(Errno) in
            try retrying { unsafe rename(nextKeyPath, keyPath) }
            try StateFile.synchroniseFolder(path)
        }
        return next.publicKey
    }

    private static var boot: String {
        let text = (try? StateFile.read("/proc/sys/kernel/random/boot_id", limit: 64)) ?? nil
        return text.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) } ?? "unknown"
    }
}
