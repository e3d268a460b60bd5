package import Platform
package import Ports

/// Keeps the device's evidence: chooses the book by where the frames came from, and opens it when it is needed.
///
/// `record` and `prepare` wait for the disk.
package final class EvidenceKeeper: Sendable {
    /// Where evidence is kept, and with what.
    package struct Setting: Sendable {
        /// The state folder.
        package var path: String
        /// A key file that systemd hands over in place of the state folder's.
        package var credential: String?
        package var limits: LogLimits
        package var clock: any WallClock

        package init(path: String, credential: String?, limits: LogLimits, clock: any WallClock) {
            self.path = path
            self.credential = credential
            self.limits = limits
            self.clock = clock
        }
    }

    private struct Books: ~Copyable {
        var setting: Setting
        let state: DeviceState
        var device: EvidenceLog?
        var rehearsal: EvidenceLog?
        var name: String?
        var pinned: CameraIdentity?
        var calibration: LightCalibration?

        /// Lends one log, opened if it is not yet.
        mutating func with<Result>(
            _ book: Book, _ body: (inout EvidenceLog) throws(EvidenceFault) -> Result
        ) throws(EvidenceFault) -> Result {
            var log: EvidenceLog
            switch book {
            case .device: if let open = device.take() { log = open } else { log = try open(book) }
            case .rehearsal: if let open = rehearsal.take() { log = open } else { log = try open(book) }
            }
            let result = Swift.Result { () throws(EvidenceFault) in try body(&log) }
            switch book {
            case .device: device = consume log
            case .rehearsal: rehearsal = consume log
            }
            return try result.get()
        }

        private func open(_ book: Book) throws(EvidenceFault) -> EvidenceLog {
            try state.openLog(book, credential: setting.credential, limits: setting.limits, clock: setting.clock)
        }
    }

    private let books: Monitor<Books>

    /// The state folder.
    package let path: String

    /// Opens the state folder, which no other process may hold.
    package init(_ setting: Setting) throws(EvidenceFault) {
        let state = try DeviceState(path: setting.path)
        self.path = setting.path
        let (name, pinned) = (try state.identity()?.device, try state.pinnedCamera())
        let calibration = try state.lightCalibration()
        self.books = Monitor(
            Books(
                setting: setting, state: state, device: nil, rehearsal: nil, name: name, pinned: pinned,
                calibration: calibration))
    }

    /// The device's name; `nil` before it is commissioned.
    package var device: String? { books.update { $0.name } }

    /// Gives the device a name and a key, unless it has them; returns both.
    package func commission() throws(EvidenceFault) -> (device: String, key: PublicKey) {
        let device = try update { books throws(EvidenceFault) in
            let device = try books.state.commission(credential: books.setting.credential).device
            books.name = device
            return device
        }
        return (device, try publicKey(for: .camera))
    }

    /// Makes sure that a verification of `source` can be recorded.
    package func prepare(for source: CaptureSource) throws(EvidenceFault) {
        try withLog(for: source) { log throws(EvidenceFault) in try log.prepare() }
    }

    /// Signs, and returns when the record is on the disk, and with it what a restart must not forget of tries.
    ///
    /// If either cannot be kept nothing is recorded, and `otherwise` is kept, so that no transaction counts as verified
    /// without its record.
    package func record(
        _ claims: ReceiptClaims, keeping tries: [UInt8]? = nil, otherwise: [UInt8]? = nil
    ) throws(EvidenceFault) -> EvidenceLog.Record {
        try withLog(for: claims.source) { [path] log throws(EvidenceFault) in
            do throws(EvidenceFault) {
                return try log.append(claims) { () throws(Errno) in
                    if let tries { try DeviceState.keepTries(tries, in: path) }
                }
            } catch {
                if let otherwise { Self.takeBack(to: otherwise, in: path) }
                throw error
            }
        }
    }

    private static func takeBack(to tries: [UInt8], in path: String) {
        do throws(Errno) { try DeviceState.keepTries(tries, in: path) } catch {
            Log.write(.error, "event: tries-not-taken-back, error: \(error)")
        }
    }

    /// Signs what a technician did into the log of `source`, and returns when it is on the disk.
    package func note(_ deed: TechnicianDeed, for source: CaptureSource) throws(EvidenceFault) {
        try withLog(for: source) { log throws(EvidenceFault) in try log.note(deed) }
    }

    /// The camera that is pinned; `nil` when none is.
    package var pinnedCamera: CameraIdentity? { books.update { $0.pinned } }

    package func pin(_ camera: CameraIdentity) throws(EvidenceFault) {
        try update { books throws(EvidenceFault) in
            try books.state.pin(camera)
            books.pinned = camera
            books.calibration = try books.state.lightCalibration()
        }
    }

    /// What the illuminators did at commissioning; `nil` before.
    package var lightCalibration: LightCalibration? { books.update { $0.calibration } }

    package func keep(_ calibration: LightCalibration) throws(EvidenceFault) {
        try update { books throws(EvidenceFault) in
            try books.state.keep(calibration)
            books.calibration = calibration
        }
    }

    /// The lamps that a technician saw lit, by name.
    package func seenLamps() throws(EvidenceFault) -> [String] {
        try update { books throws(EvidenceFault) in try books.state.seenLamps() }
    }

    package func keepSeenLamps(_ lamps: [String]) throws(EvidenceFault) {
        try update { books throws(EvidenceFault) in try books.state.keepSeenLamps(lamps) }
    }

    /// The key that signs receipts of `source` now.
    package func publicKey(for source: CaptureSource) throws(EvidenceFault) -> PublicKey {
        try withLog(for: source) { log throws(EvidenceFault) in log.publicKey }
    }

    /// The key's file in the state folder and its size; `nil` where there is none.
    package var keyFile: (path: String, byteCount: Int)? { books.update { $0.state.keyFile() } }

    /// Removes at once what is no longer kept of the logs that are open.
    package func change(_ limits: LogLimits) {
        books.update { books in
            books.setting.limits = limits
            let results = [
                Result { () throws(EvidenceFault) in try books.device?.change(limits) },
                Result { () throws(EvidenceFault) in try books.rehearsal?.change(limits) },
            ]
            for case .failure(let fault) in results {
                Log.write(.warning, "event: log-not-shortened, problem: \(fault.problem)")
            }
        }
    }

    /// Returns when tries are on the disk that no record carries there.
    package func keep(tries: [UInt8]) throws(EvidenceFault) {
        try update { _ throws(EvidenceFault) in
            try naming(path) { () throws(Errno) in try DeviceState.keepTries(tries, in: path) }
        }
    }

    /// What was kept of tries last; `nil` when there is nothing.
    package func keptTries() throws(EvidenceFault) -> [UInt8]? {
        try update { books throws(EvidenceFault) in try books.state.keptTries() }
    }

    /// Where the log of `source` lies, and how much of it there is.
    package func extent(for source: CaptureSource) throws(EvidenceFault) -> (path: String, byteCount: Int) {
        try withLog(for: source) { log throws(EvidenceFault) in (log.folder, try log.byteCount()) }
    }

    /// Logs of names that the device had before, and how much of them there is.
    package func earlierLogs() throws(EvidenceFault) -> [(path: String, byteCount: Int)] {
        try update { books throws(EvidenceFault) in
            try naming(path) { () throws(Errno) in
                try books.state.earlierLogs().map { log throws(Errno) in (log, try LogSegment.byteCount(in: log)) }
            }
        }
    }

    private func withLog<Result>(
        for source: CaptureSource, _ body: (inout EvidenceLog) throws(EvidenceFault) -> Result
    ) throws(EvidenceFault) -> Result {
        try update { books throws(EvidenceFault) in try books.with(Book(for: source), body) }
    }

    /// Changes the books alone.
    private func update<Result>(
        _ body: (inout Books) throws(EvidenceFault) -> Result
    ) throws(EvidenceFault) -> Result {
        try books.update { books in Swift.Result { () throws(EvidenceFault) in try body(&books) } }.get()
    }
}
