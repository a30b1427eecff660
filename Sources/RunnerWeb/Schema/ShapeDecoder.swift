import FoundationEssentials

/// What a type asked for while it was made of nothing.
final class ShapeNotes {
    var reflection: SchemaReflection
    private(set) var properties: [Schema.Property] = []
    /// Keys that were asked for as optional ones.
    var optional: Set<String> = []

    init(reflection: SchemaReflection) { self.reflection = reflection }

    func note(_ key: String, _ type: any Decodable.Type) {
        properties.append(
            Schema.Property(name: key, schema: reflection.schema(of: type), isRequired: !optional.contains(key))
        )
    }
}

/// Gives a type values out of nothing, to see which keys and types it asks for.
struct ShapeDecoder: Decoder {
    let notes: ShapeNotes
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    struct Unsupported: Error {}

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(ShapeContainer<Key>(notes: notes))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unsupported() }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Unsupported() }
}

private struct ShapeContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let notes: ShapeNotes
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    /// Only `decodeIfPresent` asks.
    func contains(_ key: Key) -> Bool {
        notes.optional.insert(key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try note(type, key, false) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try note(type, key, "") }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try note(type, key, 0) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try note(type, key, 0) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try note(type, key, 0) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try note(type, key, 0) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try note(type, key, 0) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try note(type, key, 0) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try note(type, key, 0) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try note(type, key, 0) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try note(type, key, 0) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try note(type, key, 0) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try note(type, key, 0) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try note(type, key, 0) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        notes.note(key.stringValue, type)
        guard let value = try Self.value(of: type) as? T else { throw ShapeDecoder.Unsupported() }
        return value
    }

    /// Any value of a type.
    private static func value(of type: any Decodable.Type) throws -> Any? {
        func first<C: CaseIterable>(_ type: C.Type) -> Any? { type.allCases.first }
        switch type {
        case is Date.Type: return Date(timeIntervalSince1970: 0)
        case let type as any FreeForm.Type: return type.sample
        case is any ListShape.Type, is any MapShape.Type:
            return try JSONDecoder().decode(type, from: Data(empty(type).utf8))
        case let type as any CaseIterable.Type: return first(type)
        default:
            return try type.init(from: ShapeDecoder(notes: ShapeNotes(reflection: SchemaReflection(isRequest: false))))
        }
    }

    private static func empty(_ type: any Decodable.Type) -> String { type is any ListShape.Type ? "[]" : "{}" }

    private func note<T: Decodable>(_ type: T.Type, _ key: Key, _ value: T) throws -> T {
        notes.note(key.stringValue, type)
        return value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw ShapeDecoder.Unsupported() }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw ShapeDecoder.Unsupported()
    }

    func superDecoder() throws -> any Decoder { throw ShapeDecoder.Unsupported() }

    func superDecoder(forKey key: Key) throws -> any Decoder { throw ShapeDecoder.Unsupported() }
}
