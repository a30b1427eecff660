package import FoundationEssentials
package import SystemPackage

/// How records are written: one line each, keys sorted, times as seconds since 1970.
package enum JSON {
    package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .secondsSince1970
        return try encoder.encode(value)
    }

    package static func decode<T: Decodable>(_ type: T.Type, from data: Data) throws -> T {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        return try decoder.decode(type, from: data)
    }

    /// `nil` where there is no such file. Throws for a file that is there and cannot be read or understood.
    package static func read<T: Decodable>(_ type: T.Type, at path: FilePath) throws -> T? {
        guard let data = try FileSystem.read(path) else { return nil }
        return try decode(type, from: data)
    }

    /// As `read`, for a record that can be made again: `nil` also for one that cannot be understood, as a crash of the
    /// machine may leave it.
    static func recall<T: Decodable>(_ type: T.Type, at path: FilePath) throws(SystemFailure) -> T? {
        guard let data = try FileSystem.read(path) else { return nil }
        return try? decode(type, from: data)
    }

    package static func write(_ value: some Encodable, to path: FilePath, durable: Bool = false) throws {
        try FileSystem.write(encode(value), to: path, durable: durable)
    }
}
