package import Platform

/// Digests that were seen, the newest `capacity` of them.
package struct DigestMemory: Hashable, Sendable {
    package let capacity: Int
    /// Oldest first.
    private var order: [Digest] = []
    private var known: Set<Digest> = []

    /// Takes up what an earlier memory exported; what is no digest of 32 bytes is left out.
    package init(capacity: Int, exported: [[UInt8]] = []) {
        precondition(capacity > 0, "a memory needs a place")
        self.capacity = capacity
        for bytes in exported { if let digest = Digest(bytes: bytes) { insert(digest) } }
    }

    package func contains(_ digest: Digest) -> Bool { known.contains(digest) }

    /// Adds a digest and tells whether it is new; the oldest is forgotten when the memory is full.
    @discardableResult
    package mutating func insert(_ digest: Digest) -> Bool {
        guard known.insert(digest).inserted else { return false }
        if order.count == capacity { known.remove(order.removeFirst()) }
        order.append(digest)
        return true
    }

    /// 32 bytes each, oldest first.
    package var exported: [[UInt8]] { order.map(\.bytes) }
}

/// Remembers used nonces, so that each is used once.
///
/// Of more than 4096 later ones the oldest is forgotten: a request that is older than that can be played again, but its
/// transaction is still refused for as long as `TryLimiter` remembers that it was verified.
package struct NonceMemory: Hashable, Sendable {
    package static let capacity = 4096

    private var used: DigestMemory

    package init(exported: [[UInt8]] = []) { used = DigestMemory(capacity: Self.capacity, exported: exported) }

    /// Uses a nonce, given by its digest; `false` when it was used before.
    package mutating func use(_ nonce: Digest) -> Bool { used.insert(nonce) }

    /// 32 bytes each, oldest first.
    package var exported: [[UInt8]] { used.exported }
}
