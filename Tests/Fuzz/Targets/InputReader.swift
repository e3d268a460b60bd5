/// Takes numbers from the front of an input; what is missing reads as zero.
struct InputReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.rest = bytes[...] }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value {
        var value: Value = 0
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            value |= Value(truncatingIfNeeded: rest.popFirst() ?? 0) << Value(truncatingIfNeeded: shift)
        }
        return value
    }

    /// Any value at all, not-a-number included.
    mutating func double() -> Double { Double(bitPattern: integer()) }
}

/// The bytes of `value`, as `InputReader` takes them.
func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    stride(from: 0, to: Value.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: value >> Value($0)) }
}
