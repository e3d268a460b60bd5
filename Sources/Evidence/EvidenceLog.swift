import Glibc
package import Platform
package import Ports

/// The append-only log of signed statements: one compact JWS a line, chained by hash, in segments.
///
/// A record is on the disk before `append` returns. Each segment begins with a checkpoint, so that older ones may go.
/// Thread-bound; `EvidenceKeeper` makes it shared.
package struct EvidenceLog: ~Copyable {
    /// A record that is on the disk.
    package struct Record: Hashable, Sendable {
        /// The compact JWS.
        package let text: String
        package let head: Head
    }

    /// No record is longer: claims are bounded where they come in.
    static let longestRecord = 64 << 10
    /// The room that is reserved before a verification begins.
    private static let reservedByteCount = 2 * longestRecord
    /// What must be free beside it: the tries are written anew as a whole, and so is the head.
    private static let freeByteCount = DeviceState.longestTries + longestRecord
    private static let segmentShare = 8

    package let folder: String
    private let book: Book
    private let device: String
    private let boot: String
    private let key: SigningKey
    private var limits: LogLimits
    private let clock: any WallClock

    private var segment: OwnedDescriptor?
    private var segmentName = ""
    private var segmentByteCount = 0
    /// When the segment began, by a clock that could be believed.
    private var segmentStartedAt: String?
    private var head: Head?
    /// What keeps the log from being written until it is opened anew.
    private var fault: EvidenceFault?

    /// Opens the log in `folder`, which is made when it is missing, and closes what a loss of power left open.
    ///
    /// A log that is made names the `camera` that was pinned before it.
    package init(
        folder: String, book: Book, device: String, boot: String, key: consuming SigningKey, limits: LogLimits,
        clock: any WallClock, camera: CameraIdentity? = nil
    ) throws(EvidenceFault) {
        self.folder = folder
        self.book = book
        self.device = device
        self.boot = boot
        self.key = key
        self.limits = limits
        self.clock = clock
        try naming(folder) { () throws(Errno) in try reopen(camera) }
    }

    /// Bytes of all segments.
    package func byteCount() throws(EvidenceFault) -> Int {
        try naming(folder) { () throws(Errno) in try LogSegment.byteCount(in: folder) }
    }

    /// The key that signs now.
    package var publicKey: PublicKey { key.publicKey }

    /// Makes sure that the next record will find room, as far as the file system can promise it.
    package mutating func prepare() throws(EvidenceFault) {
        if let fault { throw fault }
        try naming(folder) { () throws(Errno) in
            do throws(Errno) { try reserve() } catch {
                guard [ENOSPC, EDQUOT].contains(error.code) else { throw error }
                try removeOldSegments()
                try reserve()
            }
        }
    }

    private func reserve() throws(Errno) {
        try segment?.reserve(behind: segmentByteCount, count: Self.reservedByteCount)
        if try DiskSpace(holding: folder).freeByteCount < Self.freeByteCount { throw Errno(ENOSPC) }
    }

    /// Removes at once what `limits` no longer keep.
    package mutating func change(_ limits: LogLimits) throws(EvidenceFault) {
        self.limits = limits
        try naming(folder) { () throws(Errno) in try removeOldSegments() }
    }

    /// Signs `claims`, and returns when they are on the disk and `keeping` is done; without that, nothing is recorded.
    package mutating func append(
        _ claims: ReceiptClaims, keeping: () throws(Errno) -> Void = {}
    ) throws(EvidenceFault) -> Record {
        if let fault { throw fault }
        return try naming(folder) { () throws(Errno) in
            if isSegmentFull { try turnOver() }
            return try append(book == .device ? .receipt : .rehearsal, claims, keeping: keeping)
        }
    }

    /// Signs what a technician did, and returns when it is on the disk.
    package mutating func note(_ deed: TechnicianDeed) throws(EvidenceFault) {
        if let fault { throw fault }
        try naming(folder) { () throws(Errno) in
            if isSegmentFull { try turnOver() }
            try append(deed.reason, camera: deed.camera)
        }
    }

    /// Signs the change to another key, which signs from the next record on, and leaves the head to it.
    package mutating func announce(_ next: borrowing SigningKey) throws(EvidenceFault) {
        if let fault { throw fault }
        let name = JSONWebKey(next.publicKey)
        try naming(folder) { () throws(Errno) in try append(.keyRotated, nextKey: name) }
        guard let head else { return }
        try naming(folder) { () throws(Errno) in try writeHead(head, next) }
    }

    // MARK: Records

    private mutating func append(
        _ reason: CheckpointClaims.Reason, nextKey: JSONWebKey? = nil, torn: Int? = nil, expected: Head? = nil,
        camera: CameraIdentity? = nil
    ) throws(Errno) {
        let claims = CheckpointClaims(
            reason: reason, book: book, key: JSONWebKey(key.publicKey), nextKey: nextKey, tornByteCount: torn,
            expected: expected, camera: camera)
        _ = try append(.checkpoint, claims)
    }

    private mutating func append<Claims: Codable & Sendable>(
        _ kind: StatementKind, _ claims: Claims, keeping: () throws(Errno) -> Void = {}
    ) throws(Errno) -> Record {
        let time = clock.now()
        let link = Link(
            device: device, sequence: (head?.sequence ?? 0) + 1, previous: head?.hash, boot: boot,
            issuedAt: time.text, isClockSynchronised: time.isSynchronised)
        let text = JSONWebSignature.make(
            kind, claims: Statement(link: link, content: claims).json(), key: key,
            keyName: JSONWebKey(key.publicKey).kid)
        let head = Head(of: text.span, sequence: link.sequence)
        let byteCount = segmentByteCount
        do throws(Errno) {
            try write(text + [UInt8(ascii: "\n")])
            try keeping()
            try writeHead(head, key)
        } catch {
            cut(to: byteCount)
            throw error
        }
        self.head = head
        if segmentStartedAt == nil, time.isSynchronised { segmentStartedAt = time.text }
        return Record(text: String(decoding: text, as: UTF8.self), head: head)
    }

    private mutating func write(_ line: [UInt8]) throws(Errno) {
        guard let file = segment.take() else { throw Errno(EBADF) }
        var failure: Errno?
        do throws(Errno) {
            try unsafe file.writeAll(line.span.bytes)
            try file.synchronise()
        } catch { failure = error }
        segment = consume file
        if let failure { throw failure }
        segmentByteCount += line.count
    }

    /// Takes back what was appended, whole or not, so that nobody finds a record that was never answered; where that
    /// fails, nothing more is written.
    private mutating func cut(to byteCount: Int) {
        guard let file = segment.take() else { return }
        do throws(Errno) {
            try file.truncate(to: byteCount)
            try file.synchronise()
            segmentByteCount = byteCount
        } catch { fault = .system(folder, error) }
        segment = consume file
    }

    private var headPath: String { "\(folder)/head" }

    private func writeHead(_ head: Head, _ key: borrowing SigningKey) throws(Errno) {
        try HeadClaims(device: device, head: head).write(to: headPath, signedBy: key)
    }

    // MARK: Opening

    private mutating func reopen(_ camera: CameraIdentity?) throws(Errno) {
        if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST { throw .current }
        // The key of a rehearsal was thrown away.
        let kept = try HeadClaims.read(headPath, of: device, signedBy: book == .device ? key.publicKey : nil)
        var names = try LogSegment.names(in: folder)
        while let name = names.popLast() {
            let path = "\(folder)/\(name)"
            let file = try OwnedDescriptor(opening: path, flags: O_RDWR | O_APPEND | O_NOFOLLOW)
            let tail = try LogSegment.tail(of: file)
            if tail.lineCount == 0, tail.isWholeFile {
                // Power was lost before its first record was whole.
                try retrying { unsafe unlink(path) }
                continue
            }
            try take(file, name, tail, kept)
            return
        }
        head = kept
        let first: CheckpointClaims.Reason = book == .device ? .commissioned : .keyThrownAway
        try beginSegment(kept == nil ? first : .recovered, expected: kept, camera: camera)
    }

    /// Goes on behind the last whole record of a segment.
    private mutating func take(
        _ file: consuming OwnedDescriptor, _ name: String, _ tail: LogSegment.Tail, _ kept: Head?
    ) throws(Errno) {
        segmentByteCount = try file.fileSize() - tail.tornByteCount
        segmentName = name
        segmentStartedAt = LogSegment.firstTime(in: "\(folder)/\(name)")
        if tail.tornByteCount > 0 {
            try file.truncate(to: segmentByteCount)
            try file.synchronise()
        }
        segment = consume file
        // On a full disk, what is written below may need the room.
        try removeOldSegments()
        let found = tail.lastLine.flatMap { line in
            LogSegment.link(of: line.span).map { Head(of: line.span, sequence: $0.sequence) }
        }
        head = Head(
            sequence: max(found?.sequence ?? 0, kept?.sequence ?? 0), hash: found?.hash ?? kept?.hash ?? "")
        let isAsLeft = found != nil && kept != nil && (found == kept || found?.sequence ?? 0 > kept?.sequence ?? 0)
        let expected = isAsLeft || kept == found ? nil : kept
        let torn = tail.tornByteCount > 0 ? tail.tornByteCount : nil
        if !isAsLeft || torn != nil {
            Log.write(.warning, "event: log-recovered, torn: \(tail.tornByteCount), as left: \(isAsLeft)")
            if book == .device { try append(.recovered, torn: torn, expected: expected) }
        }
        if book == .rehearsal { try append(.keyThrownAway, torn: torn, expected: expected) }
    }

    // MARK: Segments

    private var isSegmentFull: Bool {
        if segmentByteCount >= limits.byteCount / Self.segmentShare { return true }
        guard let startedAt = segmentStartedAt else { return false }
        return startedAt < cutoff(limits.retention / Self.segmentShare) ?? ""
    }

    /// The time before which something is older than `age`; `nil` when the clock cannot be believed.
    private func cutoff(_ age: Duration) -> String? {
        let now = clock.now()
        return now.isSynchronised
            ? WallTime(seconds: now.seconds - age.components.seconds, isSynchronised: true).text : nil
    }

    private mutating func turnOver() throws(Errno) {
        try beginSegment(.turnedOver)
        try removeOldSegments()
    }

    private mutating func beginSegment(
        _ reason: CheckpointClaims.Reason, expected: Head? = nil, camera: CameraIdentity? = nil
    ) throws(Errno) {
        let name = LogSegment.name(sequence: (head?.sequence ?? 0) + 1)
        let flags = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW
        let file = try OwnedDescriptor(opening: "\(folder)/\(name)", flags: flags, mode: 0o600)
        let earlier = segment.take()
        let place = (segmentName, segmentByteCount, segmentStartedAt)
        segment = consume file
        (segmentName, segmentByteCount, segmentStartedAt) = (name, 0, nil)
        do throws(Errno) { try append(reason, expected: expected, camera: camera) } catch {
            // The next record tries again, unless the name is taken for good.
            fault = unsafe unlink("\(folder)/\(name)") == 0 ? nil : .system(folder, .current)
            segment = consume earlier
            (segmentName, segmentByteCount, segmentStartedAt) = place
            throw error
        }
        try StateFile.synchroniseFolder(folder)
    }

    /// Removes whole segments from the old end, never the one that is written.
    private func removeOldSegments() throws(Errno) {
        var names = try LogSegment.names(in: folder).filter { $0 != segmentName }
        var sizes = try LogSegment.sizes(of: names, in: folder)
        var byteCount = sizes.reduce(segmentByteCount, +)
        let share = limits.byteCount / Self.segmentShare
        while let name = names.first, byteCount > limits.byteCount - share || isOldestOutdated(names) {
            try retrying { unsafe unlink("\(folder)/\(name)") }
            Log.write(.notice, "event: log-segment-removed, segment: \(name)")
            byteCount -= sizes.removeFirst()
            names.removeFirst()
        }
    }

    /// Where the last record's time cannot be believed, it is no later than the first behind it that can.
    private func isOldestOutdated(_ names: [String]) -> Bool {
        guard let cutoff = cutoff(limits.retention) else { return false }
        let paths = names.map { "\(folder)/\($0)" }
        let time = LogSegment.lastTime(in: paths[0]) ?? paths.dropFirst().lazy.compactMap(LogSegment.firstTime).first
        return (time ?? segmentStartedAt ?? cutoff) < cutoff
    }
}
