import CSodium

/// An Ed25519 private key (RFC 8032) in secure memory: never printed, never copied out.
package struct SigningKey: ~Copyable, Sendable {
    package static let seedByteCount = 32

    package let publicKey: PublicKey
    /// Seed and public key, as libsodium wants them.
    private let secret: SecureBytes

    /// Makes a new key from the kernel's randomness.
    package init() {
        var seed = SecureBytes(count: Self.seedByteCount, holding: .keys)
        seed.withMutableBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { bytes in
                if let start = bytes.baseAddress { unsafe randombytes_buf(start, bytes.count) }
            }
        }
        self.init(seed: seed)
    }

    /// Takes the 32 bytes of RFC 8032's private key.
    package init(seed: borrowing SecureBytes) {
        precondition(seed.count == Self.seedByteCount, "an Ed25519 seed has 32 bytes")
        var secret = SecureBytes(count: Int(crypto_sign_SECRETKEYBYTES), holding: .keys)
        var point = [UInt8](repeating: 0, count: Int(crypto_sign_PUBLICKEYBYTES))
        let status = seed.withBytes { seed in
            secret.withMutableBytes { secret in
                unsafe seed.withUnsafeBytes { seed in
                    unsafe secret.withUnsafeMutableBytes { secret in
                        guard let target = unsafe secret.bindMemory(to: UInt8.self).baseAddress,
                            let source = unsafe seed.bindMemory(to: UInt8.self).baseAddress
                        else { return CInt(-1) }
                        return unsafe crypto_sign_seed_keypair(&point, target, source)
                    }
                }
            }
        }
        precondition(status == 0, "a seed of 32 bytes makes a key")
        self.secret = secret
        self.publicKey = PublicKey(point)
    }

    /// The 64 bytes of the signature over `message`.
    package borrowing func signature(of message: Span<UInt8>) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Int(crypto_sign_BYTES))
        let status = secret.withBytes { secret in
            unsafe secret.withUnsafeBytes { secret in
                unsafe message.withUnsafeBufferPointer { message in
                    guard let key = unsafe secret.bindMemory(to: UInt8.self).baseAddress else { return CInt(-1) }
                    return unsafe crypto_sign_detached(
                        &signature, nil, message.baseAddress, UInt64(message.count), key)
                }
            }
        }
        precondition(status == 0, "a whole key signs")
        return signature
    }

    /// Lends the 32 bytes of the seed, to be written to the key's file.
    package borrowing func withSeed<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withBytes { bytes throws(Failure) in try body(bytes.extracting(first: Self.seedByteCount)) }
    }
}

/// An Ed25519 public key.
package struct PublicKey: Hashable, Sendable {
    /// 32 bytes (RFC 8032).
    package let bytes: [UInt8]

    fileprivate init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Takes 32 bytes; `nil` for any other number.
    package init?(copying bytes: [UInt8]) {
        guard bytes.count == Int(crypto_sign_PUBLICKEYBYTES) else { return nil }
        self.bytes = bytes
    }

    /// Whether `signature` of 64 bytes over `message` was made with this key.
    package func verifies(_ signature: [UInt8], of message: Span<UInt8>) -> Bool {
        guard signature.count == Int(crypto_sign_BYTES) else { return false }
        return unsafe message.withUnsafeBufferPointer { message in
            unsafe crypto_sign_verify_detached(signature, message.baseAddress, UInt64(message.count), bytes) == 0
        }
    }
}

/// An X25519 public key for which secrets can be sealed, so that only the owner of the private key opens them.
package struct SealingKey: Hashable, Sendable {
    package let bytes: [UInt8]

    /// Takes 32 bytes; `nil` for any other number.
    package init?(copying bytes: [UInt8]) {
        guard bytes.count == Int(crypto_box_PUBLICKEYBYTES) else { return nil }
        self.bytes = bytes
    }

    /// A libsodium sealed box: 48 bytes more than `secret`.
    package func seal(_ secret: borrowing SecureBytes) -> [UInt8] {
        var box = [UInt8](repeating: 0, count: secret.count + crypto_box_sealbytes())
        let status = secret.withBytes { secret in
            unsafe secret.withUnsafeBytes { secret in
                let start = unsafe secret.bindMemory(to: UInt8.self).baseAddress
                return unsafe crypto_box_seal(&box, start, UInt64(secret.count), bytes)
            }
        }
        precondition(status == 0, "a public key of 32 bytes seals")
        return box
    }
}

/// Bytes from the kernel's randomness.
package func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    unsafe bytes.withUnsafeMutableBytes { bytes in
        if let start = bytes.baseAddress { unsafe randombytes_buf(start, bytes.count) }
    }
    return bytes
}
