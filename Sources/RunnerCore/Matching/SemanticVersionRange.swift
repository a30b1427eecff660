/// A set of versions, as `>=1.0.0 <2`. See `parse` for the language.
package struct SemanticVersionRange: Sendable, Hashable {
    struct Comparator: Sendable, Hashable {
        enum Relation: String, Sendable, Hashable {
            case equal = "="
            case less = "<"
            case lessOrEqual = "<="
            case greater = ">"
            case greaterOrEqual = ">="
        }

        var relation: Relation
        var version: SemanticVersion

        func holds(for other: SemanticVersion) -> Bool {
            switch relation {
            case .equal: other == version
            case .less: other < version
            case .lessOrEqual: other <= version
            case .greater: other > version
            case .greaterOrEqual: other >= version
            }
        }
    }

    /// As written.
    package let source: String
    /// Alternatives; all comparators of one must hold.
    let clauses: [[Comparator]]

    init(source: String, clauses: [[Comparator]]) {
        self.source = source
        self.clauses = clauses
    }

    /// Takes a text that `parse` accepts; of any other it makes the empty set.
    package init(source: String) {
        // `try?`: who wants to know why the text is no range calls `parse`.
        self = (try? Self.parse(source)) ?? SemanticVersionRange(source: source, clauses: [])
    }

    /// True where one alternative holds. A pre-release must be asked for, as npm has it: some comparator of the
    /// alternative names a pre-release of the same major, minor and patch number. So `>=1.0.0` takes no `1.1.0-rc.1`,
    /// and `>=1.1.0-rc.0` does.
    package func contains(_ version: SemanticVersion) -> Bool {
        clauses.contains { clause in
            guard clause.allSatisfy({ $0.holds(for: version) }) else { return false }
            return !version.isPreRelease
                || clause.contains { $0.version.isPreRelease && $0.version.core == version.core }
        }
    }
}

extension SemanticVersionRange: Codable {
    package init(from decoder: any Decoder) throws {
        self = try Self.parse(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(source)
    }
}
