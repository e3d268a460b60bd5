/// A table of a flatbuffer: where its fields start is told by a second table, the vtable.
struct FlatTable {
    let start: Int
    fileprivate let vtable: Int
    fileprivate let vtableSize: Int
}

/// Equal-sized elements in a row.
struct FlatVector: Equatable {
    let count: Int
    let start: Int

    static let empty = FlatVector(count: 0, start: 0)
}

/// Reading of flatbuffers (https://flatbuffers.dev/internals): little-endian, every access checked.
///
/// Offsets are sums of a few 32-bit numbers, so that `Int` cannot overflow.
extension RawSpan {
    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self, at offset: Int
    ) throws(ModelFault) -> Value {
        guard offset >= 0, offset <= byteCount - MemoryLayout<Value>.size else {
            throw ModelFault(.malformed, "the file ends at byte \(byteCount)", offset: offset)
        }
        return Value(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    func rootTable() throws(ModelFault) -> FlatTable { try table(referredFrom: 0) }

    /// Follows the reference at `place`.
    func table(referredFrom place: Int) throws(ModelFault) -> FlatTable {
        let start = place + Int(try load(UInt32.self, at: place))
        let vtable = start - Int(try load(Int32.self, at: start))
        return FlatTable(start: start, vtable: vtable, vtableSize: Int(try load(UInt16.self, at: vtable)))
    }

    /// Where field `index` lies; `nil` when the file leaves it out.
    func place(of index: Int, in table: FlatTable) throws(ModelFault) -> Int? {
        let entry = 4 + 2 * index
        guard entry + 2 <= table.vtableSize else { return nil }
        let distance = Int(try load(UInt16.self, at: table.vtable + entry))
        return distance == 0 ? nil : table.start + distance
    }

    func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ index: Int, in table: FlatTable, absent: Value
    ) throws(ModelFault) -> Value {
        guard let place = try place(of: index, in: table) else { return absent }
        return try load(at: place)
    }

    func table(_ index: Int, in table: FlatTable) throws(ModelFault) -> FlatTable? {
        guard let place = try place(of: index, in: table) else { return nil }
        return try self.table(referredFrom: place)
    }

    /// A vector field of elements of `stride` bytes that lies wholly in the file; empty when left out.
    func vector(_ index: Int, in table: FlatTable, stride: Int) throws(ModelFault) -> FlatVector {
        guard let place = try place(of: index, in: table) else { return .empty }
        let start = place + Int(try load(UInt32.self, at: place))
        let count = Int(try load(UInt32.self, at: start))
        guard count <= (byteCount - start - 4) / stride else {
            throw ModelFault(.malformed, "\(count) elements of \(stride) bytes exceed the file", offset: start)
        }
        return FlatVector(count: count, start: start + 4)
    }

    func tables(_ index: Int, in table: FlatTable, atMost limit: Int) throws(ModelFault) -> [FlatTable] {
        let vector = try vector(index, in: table, stride: 4)
        guard vector.count <= limit else {
            throw ModelFault(
                .tooLarge, "a list has \(vector.count) entries, but \(limit) is the most", offset: vector.start)
        }
        var tables: [FlatTable] = []
        for index in 0..<vector.count { tables.append(try self.table(referredFrom: vector.start + 4 * index)) }
        return tables
    }

    func integers(_ index: Int, in table: FlatTable, atMost limit: Int) throws(ModelFault) -> [Int] {
        let vector = try vector(index, in: table, stride: 4)
        guard vector.count <= limit else {
            throw ModelFault(
                .tooLarge, "a list has \(vector.count) entries, but \(limit) is the most", offset: vector.start)
        }
        return try integers(vector)
    }

    func integers(_ vector: FlatVector) throws(ModelFault) -> [Int] {
        var integers: [Int] = []
        for index in 0..<vector.count { integers.append(Int(try load(Int32.self, at: vector.start + 4 * index))) }
        return integers
    }

    /// At most 64 bytes of a text field, for messages.
    func text(_ index: Int, in table: FlatTable) throws(ModelFault) -> String {
        let vector = try vector(index, in: table, stride: 1)
        var bytes: [UInt8] = []
        for index in 0..<min(vector.count, 64) { bytes.append(try load(at: vector.start + index)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
