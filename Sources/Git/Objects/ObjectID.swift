/// The name of a git object: the 20 bytes of its SHA-1.
package struct ObjectID: Sendable, Hashable {
    /// The raw bytes, as two words and a half, so that a value lives in registers and not on the heap.
    let high: UInt64
    let middle: UInt64
    let low: UInt32

    /// The id of the tree without entries.
    package static let emptyTree = ObjectID(hex: "4b825dc642cb6eb9a060e54bf8d69288fbee4904")

    /// Reads 40 hexadecimal digits; `nil` for anything else, abbreviations included.
    package init?(_ text: some StringProtocol) {
        var words: (UInt64, UInt64, UInt32) = (0, 0, 0)
        var count = 0
        for unit in text.utf8 {
            guard let digit = Self.digit(unit), count < 40 else { return nil }
            switch count {
            case 0..<16: words.0 = words.0 << 4 | UInt64(digit)
            case 16..<32: words.1 = words.1 << 4 | UInt64(digit)
            default: words.2 = words.2 << 4 | UInt32(digit)
            }
            count += 1
        }
        guard count == 40 else { return nil }
        (high, middle, low) = words
    }

    /// Reads the 20 bytes as libgit2 holds them.
    package init(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == 20, "an object id has 20 bytes")
        high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        middle = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    private init(hex: StaticString) {
        guard let id = ObjectID("\(hex)") else { preconditionFailure("\(hex) is not an object id") }
        self = id
    }

    /// The raw bytes in git's order.
    package var bytes: [UInt8] {
        withUnsafeBytes(of: high.bigEndian, Array.init) + withUnsafeBytes(of: middle.bigEndian, Array.init)
            + withUnsafeBytes(of: low.bigEndian, Array.init)
    }

    /// The first ten digits, for people.
    package var short: String { String(description.prefix(10)) }

    private static func digit(_ unit: UInt8) -> UInt8? {
        switch unit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): unit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): unit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): unit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension ObjectID: CustomStringConvertible {
    /// 40 lower-case hexadecimal digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 40) { buffer in
            var index = 0
            for byte in bytes {
                buffer[index] = digits[Int(byte >> 4)]
                buffer[index + 1] = digits[Int(byte & 15)]
                index += 2
            }
            return 40
        }
    }
}

extension ObjectID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ObjectID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "`\(text)` is not an object id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
