/// Steps over comments, quotes and the data of `copy`.
struct SQLScanner {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private(set) var hasAtomicBody = false

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The first word of each statement, in lower case, with its line. `rollback to` a savepoint is `rollback to`.
    mutating func firstWords() -> [(word: String, line: Int)] {
        var found: [(word: String, line: Int)] = []
        var statement: [String] = []
        while let byte = peek() {
            if skipUnspoken() { continue }
            if isWord(byte) {
                let start = line
                let word = takeWord()
                statement.append(word)
                if statement.count == 1 { found.append((word, start)) }
                if word == "to" || word == "prepared", statement.first == "rollback" || statement.first == "commit" {
                    found[found.count - 1].word += " \(word)"
                }
                if word == "atomic" { hasAtomicBody = true }
                continue
            }
            advance()
            guard byte == UInt8(ascii: ";") else { continue }
            if statement.first == "copy", statement.contains("stdin") { skip(to: "\n\\.") }
            statement = []
        }
        return found
    }

    /// True where something was passed that is no SQL to look into.
    private mutating func skipUnspoken() -> Bool {
        switch (peek(), peek(1)) {
        case (UInt8(ascii: "-"), UInt8(ascii: "-")): skip(to: "\n")
        case (UInt8(ascii: "/"), UInt8(ascii: "*")): skipComment()
        case (UInt8(ascii: "'"), _): skipQuote(UInt8(ascii: "'"), escapes: false)
        case (UInt8(ascii: "e"), UInt8(ascii: "'")), (UInt8(ascii: "E"), UInt8(ascii: "'")):
            advance()
            skipQuote(UInt8(ascii: "'"), escapes: true)
        case (UInt8(ascii: "\""), _): skipQuote(UInt8(ascii: "\""), escapes: false)
        case (UInt8(ascii: "$"), _): return skipDollarQuote()
        // A command of psql has its line for itself.
        case (UInt8(ascii: "\\"), _): skip(to: "\n")
        default: return false
        }
        return true
    }

    /// They nest.
    private mutating func skipComment() {
        var depth = 0
        while let byte = peek() {
            if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                advance()
            } else if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                advance()
            }
            advance()
            if depth == 0 { return }
        }
    }

    /// A doubled quote inside opens the next one at once, which comes to the same.
    private mutating func skipQuote(_ quote: UInt8, escapes: Bool) {
        advance()
        while let byte = peek(), byte != quote {
            if escapes, byte == UInt8(ascii: "\\") { advance() }
            advance()
        }
        advance()
    }

    /// False where the `$` is another thing, as in `$1`.
    private mutating func skipDollarQuote() -> Bool {
        var end = index + 1
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return false }
        skip(to: String(decoding: bytes[index...end], as: UTF8.self), from: end + 1)
        return true
    }

    /// Behind the next such text, or to the end.
    private mutating func skip(to text: String, from start: Int? = nil) {
        let wanted = Array(text.utf8)
        while index < (start ?? index) { advance() }
        while index < bytes.count, !bytes[index...].starts(with: wanted) { advance() }
        for _ in wanted { advance() }
    }

    private mutating func takeWord() -> String {
        var word = ""
        while let byte = peek(), isWord(byte) || byte == UInt8(ascii: "$") {
            word.unicodeScalars.append(Unicode.Scalar(byte))
            advance()
        }
        return word.lowercased()
    }

    private func isWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        index + distance < bytes.count ? bytes[index + distance] : nil
    }

    private mutating func advance() {
        if peek() == UInt8(ascii: "\n") { line += 1 }
        index += 1
    }
}
