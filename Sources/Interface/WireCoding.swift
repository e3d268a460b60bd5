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

    /// Reads a value and refuses members that its type does not have, naming one.
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from json: [UInt8]
    ) throws(InvalidParameter) -> Value {
        do {
            return try JSONDecoder().decode(Strict<Value>.self, from: Data(json)).value
        } catch let error as InvalidParameter {
            throw error
        } catch let error as DecodingError {
            throw InvalidParameter(name: parameterName(error))
        } catch {
            throw InvalidParameter(name: "parameters")
        }
    }

    private static func parameterName(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): key.stringValue
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath.last { $0.intValue == nil }?.stringValue ?? "parameters"
        @unknown default: "parameters"
        }
    }
}
