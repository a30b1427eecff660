import RunnerCore

/// What a migration says of itself, in lines such as `runner: expand, irreversible` of a comment.
struct MigrationMarks: Sendable, Hashable {
    var kind = Migration.Kind.plain
    var isIrreversible = false
    /// False where the database refuses a transaction, as for `create index concurrently`.
    var runsInTransaction = true

    private enum Word: String, CaseIterable {
        case expand, contract, irreversible
        case noTransaction = "no-transaction"
    }

    /// Reads the lines of a comment, without what makes them a comment. Throws what is wrong with one, as words.
    init(_ lines: some Sequence<Substring>) throws(TextProblem) {
        let start = "runner:"
        for line in lines {
            let line = line.drop(while: \.isWhitespace)
            guard line.hasPrefix(start) else { continue }
            for text in line.dropFirst(start.count).split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
                try take(String(text))
            }
        }
    }

    private mutating func take(_ text: String) throws(TextProblem) {
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue)
            throw TextProblem(
                "\(text.quoted) is none of \(words.joined(separator: ", "))",
                hint: DidYouMean.hint(for: text, among: words)
            )
        }
        switch word {
        case .expand: kind = .expand
        case .contract: kind = .contract
        case .irreversible: isIrreversible = true
        case .noTransaction: runsInTransaction = false
        }
    }
}
