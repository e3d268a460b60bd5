import Varlink

/// Reads off a Decodable type which members it asks for, in the words of a Varlink interface.
struct Schema {
    typealias FieldType = InterfaceDescription.FieldType

    /// Structures and enumerations by their Swift names.
    private(set) var types: [String: FieldType] = [:]

    mutating func read<Value: Decodable>(_ type: Value.Type) throws {
        let probe = Probe()
        _ = try Value(from: probe)
        types[String(describing: type)] = .structure(probe.fields)
        for (name, found) in probe.types { types[name] = found }
    }
}

/// A decoder that answers everything with some value and keeps the questions.
private final class Probe: Decoder {
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    var fields: [InterfaceDescription.Field] = []
    var types: [String: Schema.FieldType] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Container<Key>(probe: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unsupported() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Unsupported() }

    struct Unsupported: Error {}

    /// A value of `type` and how the interface calls the type.
    func answer<Value: Decodable>(_ type: Value.Type) throws -> (Value, Schema.FieldType) {
        if let value = "" as? Value { return (value, .string) }
        if let value = 0 as? Value { return (value, .int) }
        if let value = 0.0 as? Value { return (value, .float) }
        if let value = false as? Value { return (value, .bool) }
        if let list = type as? any Listed.Type { return (list.emptyList as! Value, .array(try list.element(self))) }
        let name = String(describing: type)
        if let choice = type as? any (CaseIterable & RawRepresentable).Type {
            let (first, names) = cases(choice)
            types[name] = .enumeration(names)
            return (first as! Value, .named(name))
        }
        let inner = Probe()
        let value = try Value(from: inner)
        types[name] = .structure(inner.fields)
        types.merge(inner.types) { first, _ in first }
        return (value, .named(name))
    }

    private func cases<Choice: CaseIterable & RawRepresentable>(_ type: Choice.Type) -> (Choice, [String]) {
        let all = Array(type.allCases)
        return (all[0], all.map { "\($0.rawValue)" })
    }
}

private protocol Listed {
    static var emptyList: Any { get }
    static func element(_ probe: Probe) throws -> Schema.FieldType
}

extension Array: Listed where Element: Decodable {
    fileprivate static var emptyList: Any { [Element]() }
    fileprivate static func element(_ probe: Probe) throws -> Schema.FieldType { try probe.answer(Element.self).1 }
}

private struct Container<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let probe: Probe
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { false }

    private func ask<Value: Decodable>(_ type: Value.Type, _ key: Key, isOptional: Bool) throws -> Value {
        let (value, name) = try probe.answer(type)
        probe.fields.append(.init(name: key.stringValue, type: isOptional ? .optional(name) : name))
        return value
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try ask(type, key, isOptional: false)
    }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try ask(type, key, isOptional: false) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try ask(type, key, isOptional: false) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try ask(type, key, isOptional: false) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try ask(type, key, isOptional: false) }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try ask(type, key, isOptional: true)
    }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try ask(type, key, isOptional: true) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try ask(type, key, isOptional: true)
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try ask(type, key, isOptional: true)
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try ask(type, key, isOptional: true) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
        -> KeyedDecodingContainer<Nested>
    { throw Probe.Unsupported() }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Probe.Unsupported() }
    func superDecoder() throws -> any Decoder { throw Probe.Unsupported() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Probe.Unsupported() }
}
