import RunnerCore

/// The text of one file, known to be UTF-8 and of a sane size.
struct SourceText: Sendable {
    static let maximumBytes = 1 << 20
    static let maximumLines = 20_000

    let file: String
    let text: String
    /// Without the line feeds.
    let lines: [Substring]

    /// `nil` where the bytes cannot be read as text; the reason is then in `findings`.
    init?(file: String, bytes: [UInt8], findings: inout Findings) {
        let start = SourceLocation(file: file, line: 1, column: 1)
        guard bytes.count <= Self.maximumBytes else {
            findings.error(
                "the file has \(bytes.count) bytes; at most \(Self.maximumBytes) are read",
                at: start,
                hint: "split it with `include`, or move scripts to files"
            )
            return nil
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            findings.error("the file is UTF-16", at: start, hint: "save it as UTF-8")
            return nil
        }
        // A byte order mark says nothing in UTF-8, and would shift the columns of the first line.
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            let (line, column) = Self.endOfValidText(content)
            findings.error(
                "the file is not UTF-8 here",
                at: SourceLocation(file: file, line: line, column: column),
                hint: "save it as UTF-8"
            )
            return nil
        }
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.count <= Self.maximumLines else {
            findings.error(
                "the file has \(lines.count) lines; at most \(Self.maximumLines) are read",
                at: start,
                hint: "split it with `include`, or move scripts to files"
            )
            return nil
        }
        self.file = file
        self.text = text
        self.lines = lines.map { Substring($0) }
    }

    private static func endOfValidText(_ bytes: ArraySlice<UInt8>) -> (line: Int, column: Int) {
        var (line, column) = (1, 1)
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" {
                (line, column) = (line + 1, 1)
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}
