/// A line of a log in which a text was found.
package struct SearchMatch: Sendable, Hashable, Codable {
    package var run: Int
    package var repository: String
    package var pipeline: String
    package var stage: String
    package var step: Int
    /// Of the line's first byte in the log.
    package var offset: Int64
    /// Cut at 400 bytes; what is not UTF-8 is replaced.
    package var line: String

    package init(
        run: Int,
        repository: String,
        pipeline: String,
        stage: String,
        step: Int,
        offset: Int64,
        line: String
    ) {
        self.run = run
        self.repository = repository
        self.pipeline = pipeline
        self.stage = stage
        self.step = step
        self.offset = offset
        self.line = line
    }
}

/// What a search found, the newest run first.
package struct SearchAnswer: Sendable, Hashable, Codable {
    package var matches: [SearchMatch]
    /// How many runs were looked at.
    package var runs: Int
    /// Where to go on (`before`), where a bound on matches or time ended the search early.
    package var next: Int64?

    package init(matches: [SearchMatch], runs: Int, next: Int64? = nil) {
        self.matches = matches
        self.runs = runs
        self.next = next
    }
}
