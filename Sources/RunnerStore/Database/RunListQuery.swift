import FoundationEssentials
import GRDB
import RunnerCore

/// The statement that finds the numbers of a list's runs, the newest first.
///
/// Which index it walks is decided here, not by SQLite's guesses: each has the number behind the columns that are equal,
/// so that a page is read from it in order and nothing is sorted. A column with several values is several such walks,
/// which SQLite merges.
struct RunListQuery {
    /// What has been looked up for a filter.
    struct Bounds {
        /// Its repository's key.
        var repository: Int64?
        /// No run before this one was made since the time that is asked for.
        var oldest: Int?
    }

    private(set) var sql: String
    private(set) var arguments: StatementArguments

    /// The run from which on a time is looked for.
    static let oldest = "SELECT MIN(number) FROM run INDEXED BY run_created WHERE createdAt >= ?"

    /// `nil` where the filter contradicts itself.
    init?(_ filter: RunFilter, _ bounds: Bounds) {
        if filter.isOpen == true, !filter.outcomes.isEmpty { return nil }
        let names = filter.ref.map(Self.names) ?? []
        let isPattern = filter.ref?.contains("*") ?? false
        let index = Self.index(filter, hasRef: !names.isEmpty, isPattern: isPattern)
        var conditions = Conditions()
        conditions.add("repository = ?", bounds.repository)
        conditions.add("pipeline = ?", filter.pipeline)
        conditions.add("createdAt >= ?", filter.since?.timeIntervalSince1970)
        conditions.add("number >= ?", bounds.oldest)
        conditions.add("number < ?", filter.before?.value)
        if filter.isOpen == true { conditions.add("status <> 'finished'") }
        if filter.isOpen == false { conditions.add("status = 'finished'") }
        var walks = [conditions]
        if isPattern {
            walks = walks.map { $0.adding(any: names.map { ("ref GLOB ?", $0) }) }
        } else if index.hasSuffix("ref") {
            walks = walks.flatMap { walk in names.map { walk.adding(any: [("ref = ?", $0)]) } }
        } else if !names.isEmpty {
            walks = walks.map { $0.adding(any: names.map { ("ref = ?", $0) }) }
        }
        let outcomes = filter.outcomes.map { ("outcome = ?", $0.rawValue) }
        if index.hasSuffix("outcome") {
            walks = walks.flatMap { walk in outcomes.map { walk.adding(any: [$0]) } }
        } else if !outcomes.isEmpty {
            walks = walks.map { $0.adding(any: outcomes) }
        }
        sql = walks.map { "SELECT number FROM run \(index)\($0.clause)" }.joined(separator: " UNION ALL ")
        sql += " ORDER BY number DESC LIMIT ?"
        arguments = walks.reduce(into: []) { $0 += $1.arguments } + [max(1, min(filter.limit, 1000))]
    }

    /// The one that leaves the least to look at.
    private static func index(_ filter: RunFilter, hasRef: Bool, isPattern: Bool) -> String {
        if filter.isOpen == true { return "INDEXED BY run_open" }
        let hasExactRef = hasRef && !isPattern
        if filter.repository != nil {
            if hasExactRef { return "INDEXED BY run_repository_ref" }
            if filter.pipeline != nil { return "INDEXED BY run_repository_pipeline" }
            return filter.outcomes.isEmpty ? "INDEXED BY run_repository" : "INDEXED BY run_repository_outcome"
        }
        if hasExactRef { return "INDEXED BY run_ref" }
        if filter.pipeline != nil { return "INDEXED BY run_pipeline" }
        if !filter.outcomes.isEmpty { return "INDEXED BY run_outcome" }
        return isPattern ? "INDEXED BY run_walk" : "NOT INDEXED"
    }

    /// `develop`, `refs/heads/develop`, `hotfix/*`: full names, or patterns of them.
    private static func names(_ ref: String) -> [String] {
        let names = ref.hasPrefix("refs/") ? [ref] : ["refs/heads/\(ref)", "refs/tags/\(ref)"]
        guard ref.contains("*") else { return names }
        // `[` and `?` mean themselves: only `*` is ours.
        return names.map { name in name.map { "[?".contains($0) ? "[\($0)]" : String($0) }.joined() }
    }
}

/// What rows must meet, with its values.
private struct Conditions {
    private var parts: [String] = []
    private(set) var arguments: StatementArguments = []

    var clause: String { parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND ") }

    mutating func add(_ condition: String) { parts.append(condition) }

    /// Nothing where there is no value.
    mutating func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
        guard let value else { return }
        parts.append(condition)
        arguments += [value]
    }

    func adding(any choices: [(condition: String, value: String)]) -> Conditions {
        var copy = self
        copy.parts.append("(" + choices.map(\.condition).joined(separator: " OR ") + ")")
        copy.arguments += StatementArguments(choices.map(\.value))
        return copy
    }
}
