/// One word of an expression, and where it starts, in bytes of the text parsed.
struct ExpressionToken {
    enum Kind: Equatable {
        case name(String)
        case string(String)
        case number(Double)
        /// `==` `!=` `<` `<=` `>` `>=` `&&` `||` `!` `(` `)` `[` `]` `,` `.`
        case symbol(String)
        /// The end of the text, or `}}` in a template.
        case end
    }

    var kind: Kind
    var offset: Int
}

/// Splits the bytes of a text into words. All syntax is ASCII; other bytes may only stand in quotes.
struct ExpressionLexer {
    private let bytes: [UInt8]
    private(set) var position: Int
    /// In a template, `}}` ends the expression; alone, it is an error.
    private let endsAtBraces: Bool
    private static let symbols = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ",", "."]

    init(bytes: [UInt8], from position: Int = 0, endsAtBraces: Bool = false) {
        self.bytes = bytes
        self.position = position
        self.endsAtBraces = endsAtBraces
    }

    /// The next word. Errors have byte offsets.
    mutating func next() throws(ExpressionError) -> ExpressionToken {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
        let start = position
        guard start < bytes.count else { return ExpressionToken(kind: .end, offset: start) }
        if starts(with: "}}"), endsAtBraces { return ExpressionToken(kind: .end, offset: start) }
        let byte = bytes[start]
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            return ExpressionToken(kind: .string(try string(quote: byte)), offset: start)
        }
        if let number = number() { return ExpressionToken(kind: .number(number), offset: start) }
        if Self.isNameByte(byte), byte != UInt8(ascii: "-") {
            return ExpressionToken(kind: .name(name()), offset: start)
        }
        if let symbol = Self.symbols.first(where: { starts(with: $0) }) {
            position += symbol.utf8.count
            return ExpressionToken(kind: .symbol(symbol), offset: start)
        }
        throw unexpected(at: start)
    }

    /// What follows a dot: a name that may also start with a digit.
    mutating func property() -> String? {
        let text = name()
        return text.isEmpty ? nil : text
    }

    /// Text in quotes; the quote itself is written twice.
    private mutating func string(quote: UInt8) throws(ExpressionError) -> String {
        let start = position
        var text: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == quote else {
                text.append(byte)
                continue
            }
            guard position < bytes.count, bytes[position] == quote else {
                return String(decoding: text, as: UTF8.self)
            }
            text.append(quote)
            position += 1
        }
        let mark = Unicode.Scalar(quote)
        let message = "the text that starts here has no closing `\(mark)`"
        throw ExpressionError(message, hint: "add `\(mark)`", offset: start)
    }

    /// Digits, perhaps after a minus, perhaps with a fraction; `nil` leaves the position.
    private mutating func number() -> Double? {
        let rest = bytes[position...]
        let length = Value.numberLength(rest)
        guard length > 0 else { return nil }
        let end = position + length
        // `6abc` is no number and no name; it falls through to the error for names that start with a digit.
        guard end == bytes.count || !Self.isNameByte(bytes[end]) else { return nil }
        guard let number = Double(String(decoding: bytes[position..<end], as: UTF8.self)) else { return nil }
        position = end
        return number
    }

    private mutating func name() -> String {
        let start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func starts(with symbol: String) -> Bool { bytes[position...].starts(with: symbol.utf8) }

    private func unexpected(at offset: Int) -> ExpressionError {
        let text = String(decoding: bytes[offset...].prefix(4), as: UTF8.self)
        let found = text.first.map(String.init) ?? ""
        let hint: String? =
            switch bytes[offset] {
            case UInt8(ascii: "="): "to compare, write `==`"
            case UInt8(ascii: "&"): "write `&&`"
            case UInt8(ascii: "|"): "write `||`"
            case UInt8(ascii: "$"), UInt8(ascii: "{"), UInt8(ascii: "}"):
                "leave `${{` and `}}` out inside an expression"
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"):
                "there is no arithmetic in expressions"
            default: "text stands in quotes, as 'text'"
            }
        return ExpressionError("unexpected `\(found)`", hint: hint, offset: offset)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
