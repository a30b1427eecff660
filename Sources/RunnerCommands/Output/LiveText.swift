/// Text of strangers as cells of a terminal: what is drawn must neither move the cursor nor be wider than it counts.
enum LiveText {
    /// One line without controls, and without marks that turn the direction of what follows.
    static func clean(_ text: String, isUnicode: Bool = true) -> String {
        let spaced = text.utf8.map { (0x09...0x0d).contains($0) ? UInt8(ascii: " ") : $0 }
        return clean(bytes: spaced, isUnicode: isUnicode)
    }

    /// The same for a line of a log: after a carriage return it starts over.
    static func clean(bytes: some Collection<UInt8>, isUnicode: Bool = true) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in TerminalText.plain(bytes).unicodeScalars {
            switch scalar.value {
            case 0x09: scalars.append(" ")
            // 0x9b alone starts a sequence on some terminals.
            case 0x00...0x1f, 0x7f...0x9f: continue
            case 0x2028...0x202e, 0x2066...0x2069: continue
            default: scalars.append(isUnicode || scalar.isASCII ? scalar : "?")
            }
        }
        return String(scalars)
    }

    /// The columns that a text takes.
    static func width(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + width($1) } }

    /// The text, or its start and `ellipsis` where it is wider than `columns`.
    static func cut(_ text: String, to columns: Int, ellipsis: String) -> String {
        let mark = width(ellipsis)
        var used = 0
        var end = text.startIndex
        for index in text.indices {
            used += width(text[index])
            if used > columns { return columns < mark ? "" : String(text[..<end]) + ellipsis }
            if used <= columns - mark { end = text.index(after: index) }
        }
        return text
    }

    /// The text with spaces up to `columns`.
    static func padded(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(text)))
    }

    /// The text in lines of at most `columns`, broken at spaces where there are any.
    static func wrapped(_ text: String, to columns: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, width(line) + 1 + width(word) <= columns {
                line += " " + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = ""
            for character in word {
                if !line.isEmpty, width(line) + width(character) > columns {
                    lines.append(line)
                    line = ""
                }
                line.append(character)
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    /// Terminals differ over joined characters: never less than any of them draws.
    private static func width(_ character: Character) -> Int {
        if character.isASCII { return 1 }
        let sum = character.unicodeScalars.reduce(0) { $0 + width($1) }
        return character.unicodeScalars.contains("\u{fe0f}") ? max(2, sum) : sum
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide(scalar) ? 2 : 1
        }
    }

    /// East Asian wide and fullwidth, from Unicode's EastAsianWidth.txt; emoji as the standard library knows them.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97f,
            0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
            0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f200...0x1f265, 0x20000...0x3fffd:
            true
        default: scalar.properties.isEmojiPresentation
        }
    }
}
