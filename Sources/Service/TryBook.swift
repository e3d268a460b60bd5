import Configuration
import FoundationEssentials
import Interface
import Platform
import Session

/// Failed tries, verified transactions and used nonces, by their digests: what a restart must not forget.
struct TryBook {
    private var limiter: TryLimiter
    private var nonces: NonceMemory

    /// Goes on from what `kept` returned once; what cannot be read is left out.
    init(_ limits: TryLimits, kept: [UInt8]?, at now: Timestamp) {
        let state = kept.flatMap { try? JSONDecoder().decode(KeptTries.self, from: Data($0)) }
        self.limiter = TryLimiter(limits: limits, state: state?.limiterState ?? .init(), at: now)
        self.nonces = NonceMemory(exported: state?.nonces.compactMap(Base64URL.decode) ?? [])
    }

    /// Why this call may not be tried now; `nil` when it may.
    func refusal(_ request: Counter.Request, connection: UInt64, at now: Timestamp) -> WireError? {
        switch limiter.refusal(transaction: request.transactionDigest, connection: connection, at: now) {
        case .none: nil
        case .wait(let pause): .rateLimited(retryAfter: pause)
        case .alreadyVerified: .transactionVerified
        }
    }

    /// Uses the request's nonce; `false` when it was used before.
    mutating func useNonce(of request: Counter.Request) -> Bool {
        nonces.use(digest(ofNonce: request.nonce))
    }

    /// Counts what became of a try.
    mutating func note(
        _ ending: Ending, of request: Counter.Request, policy: Policy, connection: UInt64, at now: Timestamp
    ) {
        let transaction = request.transactionDigest
        if case .decided(let outcome) = ending, outcome.verdict == .verified {
            limiter.noteVerified(transaction: transaction, connection: connection)
        } else if ending.countsAsFailure {
            limiter.noteFailure(transaction: transaction, connection: connection, of: policy.tries, at: now)
        }
    }

    /// Limits that hold from now on, also for what was counted.
    mutating func change(_ limits: TryLimits, at now: Timestamp) { limiter.change(limits, at: now) }

    /// What outlives a restart, as JSON.
    func kept(at now: Timestamp) -> [UInt8] {
        let kept = KeptTries(limiter.state(at: now), nonces: nonces)
        guard let data = try? JSONEncoder().encode(kept) else { return [] }
        return Array(data)
    }
}

extension Counter.Request {
    fileprivate var transactionDigest: Digest { Digest(of: Array(transaction.utf8)) }
}

/// `TryLimiter.State` and the nonces as they are written, digests in base64url.
private struct KeptTries: Codable {
    struct Transaction: Codable {
        var digest: String
        var failedTries: Int
        var remainingPauseSeconds: Int
    }

    var transactions: [Transaction]
    var verified: [String]
    var failureAgesSeconds: [Int]
    var remainingPauseSeconds: Int
    var nonces: [String]

    init(_ state: TryLimiter.State, nonces: NonceMemory) {
        self.transactions = state.transactions.map {
            Transaction(
                digest: Base64URL.string($0.digest), failedTries: $0.failedTries,
                remainingPauseSeconds: $0.remainingPause)
        }
        self.verified = state.verified.map { Base64URL.string($0) }
        self.failureAgesSeconds = state.failureAges
        self.remainingPauseSeconds = state.remainingPause
        self.nonces = nonces.exported.map { Base64URL.string($0) }
    }

    var limiterState: TryLimiter.State {
        var state = TryLimiter.State()
        state.transactions = transactions.map {
            .init(
                digest: Base64URL.decode($0.digest) ?? [], failedTries: $0.failedTries,
                remainingPause: $0.remainingPauseSeconds)
        }
        state.verified = verified.compactMap(Base64URL.decode)
        state.failureAges = failureAgesSeconds
        state.remainingPause = remainingPauseSeconds
        return state
    }
}
