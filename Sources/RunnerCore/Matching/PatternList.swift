/// Patterns as GitHub has them: `*` stops at `/`, `**` does not, `!` takes away again; the last match wins.
///
/// Matching is on the whole name and byte-wise. Source of the dialect: GitHub's "Filter pattern cheat sheet", without
/// `?`, `+` and `[]`, which mean other things elsewhere and are refused.
package struct PatternList: Sendable, Hashable {
    /// As written, in order.
    package let sources: [String]

    /// Takes patterns that `problem(in:)` has nothing to say of.
    package init(_ sources: [String]) { self.sources = sources }
}

extension PatternList: Codable {
    package init(from decoder: any Decoder) throws {
        sources = try decoder.singleValueContainer().decode([String].self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(sources)
    }
}
