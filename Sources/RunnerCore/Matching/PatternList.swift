/// Patterns as GitHub has them: `*` stops at `/`, `**` does not, `!` takes away again; the last match wins.
///
/// Matching is on the whole name and byte-wise. Source of the dialect: GitHub's "Filter pattern cheat sheet", without
/// `?`, `+` and `[]`, which mean other things elsewhere and are refused.
package struct PatternList: Sendable, Hashable {
    /// The pattern that decided about a name, as written, and what it said.
    package struct Decision: Sendable, Hashable {
        package var pattern: String
        /// False where the pattern starts with `!`.
        package var isMatch: Bool
    }

    /// As written, in order.
    package let sources: [String]
    private let patterns: [Pattern]

    /// Takes patterns that `problem(in:)` has nothing to say of.
    package init(_ sources: [String]) {
        self.sources = sources
        patterns = sources.map { Pattern($0.hasPrefix("!") ? $0.dropFirst() : $0[...]) }
    }

    /// True where the last pattern that fits the name does not take it away. An empty list matches nothing.
    package func matches(_ name: some Collection<UInt8>) -> Bool { decision(for: name)?.isMatch ?? false }

    /// The same for text.
    package func matches(_ name: String) -> Bool { matches(name.utf8) }

    /// The last pattern that fits, or `nil` where none does.
    package func decision(for name: some Collection<UInt8>) -> Decision? {
        for (source, pattern) in zip(sources, patterns).reversed() where pattern.matches(name) {
            return Decision(pattern: source, isMatch: !source.hasPrefix("!"))
        }
        return nil
    }
}

extension PatternList: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(sources)
    }
}
