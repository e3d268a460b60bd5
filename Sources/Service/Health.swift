import Interface
import Platform

/// What is known of the device's progress when its health is judged.
struct HealthFacts: Hashable {
    /// What a running camera delivers.
    struct Stream: Hashable {
        /// Since the newest frame that could be decoded.
        var age: Duration
        var received: Int
        /// Counted by the driver, and never seen here.
        var lost: Int
    }

    var hasCamera = true
    var hasLights = true
    var hasPack = true
    var hasEvidence = true
    /// `nil` while the camera is off.
    var stream: Stream?
    /// The last verification ended by a fault of the device.
    var lastFailed = false
    var isMemoryLocked = true
    /// Of the disk that holds the log, 0 to 1; `nil` when it cannot be asked.
    var freeShare: Double?
    var isInMaintenance = false
}

extension Device.Health {
    /// A camera at the slowest supported rate delivers every 200 ms.
    private static let longestAge = Duration.seconds(1)
    private static let largestLostShare = 0.1
    /// Fewer frames say nothing about a share.
    private static let leastFrames = 30

    /// Judges a device by what it does, not by what it promises.
    init(_ facts: HealthFacts) {
        let frames = facts.stream.map { ($0.received + $0.lost, $0.lost) } ?? (0, 0)
        let isLossy = frames.0 >= Self.leastFrames && Double(frames.1) > Double(frames.0) * Self.largestLostShare
        let found: [(Device.HealthReason, isTrue: Bool)] = [
            (.cameraUnavailable, !facts.hasCamera),
            (.lightsUnavailable, !facts.hasLights),
            (.modelsUnusable, !facts.hasPack),
            (.evidenceUnusable, !facts.hasEvidence),
            (.framesStalled, facts.stream.map { $0.age > Self.longestAge } ?? false),
            (.framesLost, isLossy),
            (.lastVerificationFailed, facts.lastFailed),
            (.diskNearlyFull, facts.freeShare.map { $0 < DiskSpace.leastFreeShare } ?? false),
            (.memoryNotLocked, !facts.isMemoryLocked),
            (.maintenance, facts.isInMaintenance),
        ]
        let reasons = found.filter(\.isTrue).map(\.0)
        self.init(level: reasons.map(\.level).max { $0.rank < $1.rank } ?? .good, reasons: reasons)
    }
}

extension Device.HealthReason {
    /// How bad the device is for this reason alone.
    var level: Device.HealthLevel {
        switch self {
        case .cameraUnavailable, .lightsUnavailable, .modelsUnusable, .evidenceUnusable, .framesStalled: .bad
        case .framesLost, .lastVerificationFailed, .diskNearlyFull, .memoryNotLocked, .maintenance: .degraded
        }
    }
}

extension Device.HealthLevel {
    fileprivate var rank: Int {
        switch self {
        case .good: 0
        case .degraded: 1
        case .bad: 2
        }
    }
}
