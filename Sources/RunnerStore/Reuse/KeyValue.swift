import FoundationEssentials

/// A value as it is hashed: one text for one value, on every machine and in every version.
///
/// The text is JSON without white space: names of a map sorted by their UTF-8 bytes; in texts `"` and `\` escaped by a
/// backslash, bytes below 0x20 as `\u00` and two lower-case hexadecimal digits, all else as it is.
package indirect enum KeyValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case text(String)
    case list([KeyValue])
    case map([String: KeyValue])

    package var canonical: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .text(let text): Self.write(text, into: &bytes)
        case .list(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .map(let values):
            bytes.append(UInt8(ascii: "{"))
            let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, entry) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(entry.key, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                entry.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, into bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension KeyValue: Decodable {
    /// Reads what `canonical` wrote.
    package init(canonical text: String) throws { self = try JSON.decode(KeyValue.self, from: Data(text.utf8)) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {  // `try?`: the next type is tried
            self = .bool(value)
        } else if let text = try? container.decode(String.self) {  // `try?`: the next type is tried
            self = .text(text)
        } else if let items = try? container.decode([KeyValue].self) {  // `try?`: the next type is tried
            self = .list(items)
        } else {
            self = .map(try container.decode([String: KeyValue].self))
        }
    }
}
