/// What an expression evaluates to.
package enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case object([String: Value])
}

extension Value {
    /// `null`, `false`, `0` and the empty text are false; everything else is true, the text `false` too.
    package var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .number(let number): number != 0
        case .string(let text): !text.isEmpty
        case .object: true
        }
    }

    /// As it stands in a template: `null` is empty, a whole number has no fraction. `nil` for a group of values.
    package var text: String? {
        switch self {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .number(let number): Self.text(of: number)
        case .string(let text): text
        case .object: nil
        }
    }

    static func text(of number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? String(number)
    }

    /// For messages: what a person calls the type.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "text"
        case .object: "a group of values"
        }
    }

    /// How many bytes at the start are a number: `-`, digits, and a fraction, the first and last being optional.
    static func numberLength(_ bytes: some Collection<UInt8>) -> Int {
        func digits(_ bytes: some Collection<UInt8>) -> Int {
            bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        }
        let sign = bytes.first == UInt8(ascii: "-") ? 1 : 0
        let whole = digits(bytes.dropFirst(sign))
        guard whole > 0 else { return 0 }
        let rest = bytes.dropFirst(sign + whole)
        guard rest.first == UInt8(ascii: ".") else { return sign + whole }
        let fraction = digits(rest.dropFirst())
        return sign + whole + (fraction == 0 ? 0 : fraction + 1)
    }

    /// The number that a text is, as a whole: `6.3` and `-1`, but neither `6.3.1` nor `1e3` nor ` 1`.
    static func number(in text: String) -> Double? {
        guard !text.isEmpty, numberLength(text.utf8) == text.utf8.count else { return nil }
        return Double(text)
    }
}

extension Value: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {  // `try?`: the next type is tried
            self = .bool(value)
        } else if let number = try? container.decode(Double.self) {  // `try?`: the next type is tried
            self = .number(number)
        } else if let text = try? container.decode(String.self) {  // `try?`: the next type is tried
            self = .string(text)
        } else {
            self = .object(try container.decode([String: Value].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .object(let values): try container.encode(values)
        }
    }
}
