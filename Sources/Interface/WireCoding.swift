import FoundationEssentials

/// JSON text of the interfaces' values; not for the frame path, never for portraits.
package enum WireCoding {
    /// Names the parameter that does not fit.
    package struct InvalidParameter: Error, Hashable, Sendable {
        package let name: String

        package init(name: String) { self.name = name }
    }

    package static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // The mirror types hold only what JSON can say; a non-finite number among them would be our own bug.
        guard let data = try? encoder.encode(value) else { return Array("{}".utf8) }
        return Array(data)
    }

    /// Reads a value and refuses members that its type does not have, naming the first.
    package static func decode<Value: Codable>(_ type: Value.Type, from json: [UInt8]) throws(InvalidParameter) -> Value
    {
        let value: Value
        do {
            value = try JSONDecoder().decode(type, from: Data(json))
        } catch let error as DecodingError {
            throw InvalidParameter(name: parameterName(error))
        } catch {
            throw InvalidParameter(name: "parameters")
        }
        if let unknown = unknownMember(in: json, comparedWith: encode(value)) { throw InvalidParameter(name: unknown) }
        return value
    }

    private static func parameterName(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): key.stringValue
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath.last { $0.intValue == nil }?.stringValue ?? "parameters"
        @unknown default: "parameters"
        }
    }

    /// A member that got lost on the way through the type.
    private static func unknownMember(in sent: [UInt8], comparedWith understood: [UInt8]) -> String? {
        let decoder = JSONDecoder()
        guard let sent = try? decoder.decode(Tree.self, from: Data(sent)),
            let understood = try? decoder.decode(Tree.self, from: Data(understood))
        else { return "parameters" }
        return sent.memberMissing(in: understood)
    }
}

/// JSON as it comes, without types; scalars do not matter.
private indirect enum Tree: Decodable {
    case object([String: Tree])
    case array([Tree])
    case null
    case scalar

    init(from decoder: any Decoder) throws {
        if let members = try? decoder.singleValueContainer().decode([String: Tree].self) {
            self = .object(members)
        } else if let items = try? decoder.singleValueContainer().decode([Tree].self) {
            self = .array(items)
        } else {
            self = try decoder.singleValueContainer().decodeNil() ? .null : .scalar
        }
    }

    func memberMissing(in other: Tree) -> String? {
        switch (self, other) {
        case (.object(let own), .object(let others)):
            for (name, value) in own.sorted(by: { $0.key < $1.key }) {
                if let counterpart = others[name] {
                    if let missing = value.memberMissing(in: counterpart) { return missing }
                } else if case .null = value {
                    continue
                } else {
                    return name
                }
            }
            return nil
        case (.array(let own), .array(let others)):
            return zip(own, others).lazy.compactMap { $0.memberMissing(in: $1) }.first
        default: return nil
        }
    }
}
