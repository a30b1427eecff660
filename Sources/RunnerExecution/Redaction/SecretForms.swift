/// What common tools make of a secret when they print it.
enum SecretForms {
    /// All byte patterns to hide for a secret, with duplicates; none when the value is too short.
    static func patterns(of secret: [UInt8]) -> [[UInt8]] {
        let value = trimmed(secret[...])
        guard value.count >= SecretPatterns.shortestValue else { return [] }
        var forms = escaped(value) + encoded(value) + words(of: value) + multiline(value)
        // Blanks at the start move the rest within the groups and lines of base64.
        if value != secret { forms += encoded(secret) }
        return [value] + forms.filter { $0.count >= SecretPatterns.shortestForm }
    }

    private static func multiline(_ value: [UInt8]) -> [[UInt8]] {
        let lines = lines(of: value)
        guard lines.count > 1 else { return [] }
        // A terminal prints CR LF, `set -x` and unquoted variables a space, `tr -d` nothing.
        var forms = ["\r\n", " ", "\\n", "\\r\\n", ""].map { Array(lines.joined(separator: $0.utf8)) }
        let plain = Array(lines.joined(separator: "\n".utf8))
        if plain != value { forms += escaped(plain) + encoded(plain) }
        for line in lines {
            // Forms of a short line would pass the limit only because they are longer than the line.
            let line = trimmed(line)
            if line.count >= SecretPatterns.shortestForm { forms += escaped(line) }
        }
        return forms
    }

    /// A value without the blanks at its ends, which `$(cat file)` and copying take away as well.
    static func trimmed(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var rest = value
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return Array(rest)
    }

    /// The lines of a value, without their ends (LF, CR LF or CR).
    static func lines(of value: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for index in value.indices {
            if value[index] == UInt8(ascii: "\n"), index > 0, value[index - 1] == UInt8(ascii: "\r") {
                start = index + 1
            } else if value[index] == UInt8(ascii: "\n") || value[index] == UInt8(ascii: "\r") {
                lines.append(value[start..<index])
                start = index + 1
            }
        }
        return lines + [value[start...]]
    }

    /// Forms in which a person still recognises the text, and the same as parts of a single-quoted shell word:
    /// `set -x` shows a JSON body like that.
    private static func escaped(_ text: [UInt8]) -> [[UInt8]] {
        let forms = [text] + shell(characters(of: text)) + json(text) + markup(text) + percent(text)
        return forms + forms.filter { $0.contains(0x27) }.map(singleQuoted)
    }

    /// Forms in which the text cannot be recognised.
    private static func encoded(_ bytes: [UInt8]) -> [[UInt8]] {
        let hexadecimal = [false, true].map { uppercase in bytes.flatMap { hex($0, uppercase: uppercase) } }
        return hexadecimal + base64(bytes)
    }

    /// A JSON text as most tools write it, with `/` escaped, in ASCII only, and made safe for HTML as Go does.
    private static func json(_ text: [UInt8]) -> [[UInt8]] {
        let plain = text.flatMap(jsonEscape)
        let slashes = plain.flatMap { $0 == UInt8(ascii: "/") ? Array("\\/".utf8) : [$0] }
        let html = plain.flatMap { byte in
            [UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&")].contains(byte)
                ? unicodeEscape(UInt16(byte)) : [byte]
        }
        var forms = [plain, slashes, html]
        if text.contains(where: { $0 >= 0x80 }), let string = String(validating: text, as: UTF8.self) {
            forms.append(string.utf16.flatMap { $0 < 0x80 ? jsonEscape(UInt8($0)) : unicodeEscape($0) })
        }
        return forms
    }

    private static func jsonEscape(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
        case 0x08: Array("\\b".utf8)
        case 0x09: Array("\\t".utf8)
        case 0x0A: Array("\\n".utf8)
        case 0x0C: Array("\\f".utf8)
        case 0x0D: Array("\\r".utf8)
        case 0..<0x20: unicodeEscape(UInt16(byte))
        default: [byte]
        }
    }

    private static func unicodeEscape(_ unit: UInt16) -> [UInt8] {
        Array("\\u".utf8) + hex(UInt8(unit >> 8)) + hex(UInt8(unit & 0xFF))
    }

    /// XML and HTML text: as element content and as an attribute with either name of the apostrophe.
    private static func markup(_ text: [UInt8]) -> [[UInt8]] {
        let content: [UInt8: String] = [0x26: "&amp;", 0x3C: "&lt;", 0x3E: "&gt;"]
        let quotes: [[UInt8: String]] = [
            [:], [0x22: "&quot;"], [0x22: "&quot;", 0x27: "&apos;"], [0x22: "&quot;", 0x27: "&#39;"],
            [0x22: "&#34;", 0x27: "&#39;"], [0x22: "&quot;", 0x27: "&#x27;"],
        ]
        guard text.contains(where: { [0x22, 0x26, 0x27, 0x3C, 0x3E].contains($0) }) else { return [] }
        return quotes.map { quotes in
            text.flatMap { byte in (content[byte] ?? quotes[byte]).map { Array($0.utf8) } ?? [byte] }
        }
    }

    /// Percent-encoding: with each set of characters that common libraries leave alone, both cases, `+` or `%20`.
    private static func percent(_ text: [UInt8]) -> [[UInt8]] {
        guard !text.allSatisfy(isUnreserved) else { return [] }
        return ["", "/", "*", "!'()*", "$&+,;=", "/:?@!$&'()*+,;="].flatMap { (kept: String) in
            [true, false].flatMap { uppercase in
                [nil, UInt8(ascii: "+")].map { space in
                    text.flatMap { byte -> [UInt8] in
                        if let space, byte == UInt8(ascii: " ") { return [space] }
                        if isUnreserved(byte) || kept.utf8.contains(byte) { return [byte] }
                        return [UInt8(ascii: "%")] + hex(byte, uppercase: uppercase)
                    }
                }
            }
        }
    }

    static func hex(_ byte: UInt8, uppercase: Bool = false) -> [UInt8] {
        let digits: StaticString = uppercase ? "0123456789ABCDEF" : "0123456789abcdef"
        return [digits.utf8Start[Int(byte >> 4)], digits.utf8Start[Int(byte & 15)]]
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    /// RFC 3986, section 2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }
}
