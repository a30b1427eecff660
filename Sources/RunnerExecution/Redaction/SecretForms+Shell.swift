extension SecretForms {
    /// The characters of a text: valid UTF-8 sequences, and single bytes where it is not UTF-8.
    static func characters(of text: [UInt8]) -> [[UInt8]] {
        var characters: [[UInt8]] = []
        var index = 0
        while index < text.count {
            let length =
                switch text[index] {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            let character = Array(text[index..<min(index + length, text.count)])
            let isValid = length == 1 || String(validating: character, as: UTF8.self) != nil
            characters.append(isValid ? character : [text[index]])
            index += characters[characters.count - 1].count
        }
        return characters
    }

    /// The inside of a word as shells print it, without the quotes around it: these stand around the whole word.
    static func shell(_ characters: [[UInt8]]) -> [[UInt8]] {
        let backslash = UInt8(ascii: "\\")
        func escaping(_ special: StaticString) -> [UInt8] {
            let special = Array("\(special)".utf8)
            return characters.flatMap { $0.count == 1 && special.contains($0[0]) ? [backslash] + $0 : $0 }
        }
        return [
            // bash: 'it'\''s'; dash and Python's shlex: 'it'"'"'s'
            singleQuoted(characters.flatMap { $0 }),
            characters.flatMap { $0 == [0x27] ? Array("'\"'\"'".utf8) : $0 },
            // `declare -p`, then `printf %q`, then the right side of `=~` under `set -x`
            escaping("\"\\$`"),
            escaping(" \t'\"\\|&;()<>!{}*[]?^$`,"),
            escaping("\\.^$*+?()[{|"),
            // the quoted right side of `==` in `[[ ]]` under `set -x`: each character, or each byte in the C locale
            characters.flatMap { [backslash] + $0 },
            characters.flatMap { $0.flatMap { [backslash, $0] } },
            // $'...' in a UTF-8 locale, in the C locale, and as other languages write the same
            characters.flatMap { ansi($0, escape: "\\E", number: octal) },
            characters.flatMap { $0.flatMap { ansi([$0], escape: "\\E", number: octal) } },
            characters.flatMap { ansi($0, escape: "\\x1b", number: { Array("\\x".utf8) + hex($0) }) },
            characters.flatMap { $0.flatMap { ansi([$0], escape: "\\x1b", number: { Array("\\x".utf8) + hex($0) }) } },
        ]
    }

    /// The inside of a single-quoted word.
    static func singleQuoted(_ text: [UInt8]) -> [UInt8] {
        text.flatMap { $0 == 0x27 ? Array("'\\''".utf8) : [$0] }
    }

    /// The words of an unquoted value with one space between them: as they are, and as `set -x` quotes each of
    /// them in a UTF-8 and in the C locale.
    static func words(of value: [UInt8]) -> [[UInt8]] {
        let words = value.split(whereSeparator: isBlank).map { Array($0) }
        let space = [UInt8(ascii: " ")]
        let quoted = [characters(of:), { $0.map { [$0] } }].map { split in
            trimmedQuotes(Array(words.map { traced($0, split($0)) }.joined(separator: space)))
        }
        return [Array(words.joined(separator: space))] + quoted
    }

    /// A word as `set -x` of bash prints it: quoted for its special characters, else for unprintable ones.
    private static func traced(_ word: [UInt8], _ characters: [[UInt8]]) -> [UInt8] {
        let special = "'\"\\|&;()<>!{}*[]?^$`"
        if word.contains(where: special.utf8.contains) || word.starts(with: "#".utf8) || word.starts(with: "~".utf8) {
            return Array("'".utf8) + singleQuoted(word) + Array("'".utf8)
        }
        let inside = characters.flatMap { ansi($0, escape: "\\E", number: octal) }
        return inside == word ? word : Array("$'".utf8) + inside + Array("'".utf8)
    }

    /// Takes off the quotes at the ends, which stand elsewhere when the value is only a part of the word.
    private static func trimmedQuotes(_ words: [UInt8]) -> [UInt8] {
        var rest = words[...]
        if rest.starts(with: "$'".utf8) {
            rest = rest.dropFirst(2)
        } else if rest.first == 0x27 {
            rest = rest.dropFirst()
        }
        if rest.last == 0x27 { rest = rest.dropLast() }
        return Array(rest)
    }

    /// One character inside `$'...'`.
    private static func ansi(_ character: [UInt8], escape: String, number: (UInt8) -> [UInt8]) -> [UInt8] {
        guard character.count == 1 else { return isPrintable(character) ? character : character.flatMap(number) }
        let byte = character[0]
        return switch byte {
        case 0x07: Array("\\a".utf8)
        case 0x08: Array("\\b".utf8)
        case 0x09: Array("\\t".utf8)
        case 0x0A: Array("\\n".utf8)
        case 0x0B: Array("\\v".utf8)
        case 0x0C: Array("\\f".utf8)
        case 0x0D: Array("\\r".utf8)
        case 0x1B: Array(escape.utf8)
        case 0x27, 0x5C: [0x5C, byte]
        case 0..<0x20, 0x7F...: number(byte)
        default: character
        }
    }

    private static func octal(_ byte: UInt8) -> [UInt8] {
        [0x5C, 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
    }

    private static func isPrintable(_ character: [UInt8]) -> Bool {
        let scalars = String(decoding: character, as: UTF8.self).unicodeScalars
        return !scalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .unassigned, .surrogate, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }
}
