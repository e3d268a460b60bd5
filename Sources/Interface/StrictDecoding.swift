import FoundationEssentials

/// A value that has all members of the JSON it was read from, but for those that are null.
///
/// Of a member that the type does not have nothing is looked at but its name, so that whoever sends much is refused as
/// fast as one who sends little.
struct Strict<Value: Decodable>: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws { value = try Value(from: StrictDecoder(decoder: decoder)) }
}

/// Hands out what another decoder does, down to every object and list.
private struct StrictDecoder: Decoder {
    let decoder: any Decoder
    var codingPath: [any CodingKey] { decoder.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { decoder.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let members = try decoder.container(keyedBy: AnyName.self)
        for name in members.allKeys where Key(stringValue: name.stringValue) == nil {
            if try !members.decodeNil(forKey: name) { throw WireCoding.InvalidParameter(name: name.stringValue) }
        }
        return KeyedDecodingContainer(StrictObject(object: try decoder.container(keyedBy: type)))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        StrictList(list: try decoder.unkeyedContainer())
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { try decoder.singleValueContainer() }
}

private struct AnyName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

private struct StrictObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let object: KeyedDecodingContainer<Key>
    var codingPath: [any CodingKey] { object.codingPath }
    var allKeys: [Key] { object.allKeys }

    func contains(_ key: Key) -> Bool { object.contains(key) }
    func decodeNil(forKey key: Key) throws -> Bool { try object.decodeNil(forKey: key) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try object.decode(Strict<Value>.self, forKey: key).value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try superDecoder(forKey: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try superDecoder(forKey: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { StrictDecoder(decoder: try object.superDecoder()) }
    func superDecoder(forKey key: Key) throws -> any Decoder {
        StrictDecoder(decoder: try object.superDecoder(forKey: key))
    }
}

private struct StrictList: UnkeyedDecodingContainer {
    var list: any UnkeyedDecodingContainer
    var codingPath: [any CodingKey] { list.codingPath }
    var count: Int? { list.count }
    var isAtEnd: Bool { list.isAtEnd }
    var currentIndex: Int { list.currentIndex }

    mutating func decodeNil() throws -> Bool { try list.decodeNil() }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try list.decode(Strict<Value>.self).value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try superDecoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try superDecoder().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { StrictDecoder(decoder: try list.superDecoder()) }
}
