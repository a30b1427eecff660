import RunnerCore

/// As much of SQL as it takes to see where statements begin.
enum SQLText {
    /// The lines of the comment that a file begins with, without their `--`.
    static func header(of text: String) -> [Substring] {
        text.split(whereSeparator: \.isNewline)
            .prefix { $0.drop(while: \.isWhitespace).hasPrefix("--") }
            .map { $0.drop { $0.isWhitespace || $0 == "-" } }
    }

    /// Throws where a file that runs in one transaction would end it, and with it what makes it whole or nothing.
    static func check(_ text: String, _ marks: MigrationMarks, name: String) throws(TextProblem) {
        guard marks.runsInTransaction else { return }
        var scanner = SQLScanner(text)
        let words = scanner.firstWords()
        // Bodies of functions in plain SQL have statements and an `end` of their own.
        let ending = scanner.hasAtomicBody ? [] : ["end"]
        let found = words.first { (ending + ["begin", "start", "commit", "rollback", "abort"]).contains($0.word) }
        guard let found else { return }
        throw TextProblem(
            "has `\(found.word)` in line \(found.line) of `\(name)`, which runs in a transaction as a whole",
            hint: "take it out, or begin the file with `-- runner: no-transaction`"
        )
    }
}
