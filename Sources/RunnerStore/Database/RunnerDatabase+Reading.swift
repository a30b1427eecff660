package import FoundationEssentials
import GRDB
package import RunnerCore

/// Which runs a list shows. What is `nil` or empty does not narrow it.
package struct RunFilter: Sendable, Hashable {
    package var repository: String?
    package var pipeline: String?
    /// A full or a short name; `*` stands for any text.
    package var ref: String?
    package var outcomes: [Outcome]
    package var isOpen: Bool?
    package var since: Date?
    /// Only those older than this run: where the next page begins.
    package var before: RunNumber?
    package var limit: Int

    package init(
        repository: String? = nil,
        pipeline: String? = nil,
        ref: String? = nil,
        outcomes: [Outcome] = [],
        isOpen: Bool? = nil,
        since: Date? = nil,
        before: RunNumber? = nil,
        limit: Int = 50
    ) {
        self.repository = repository
        self.pipeline = pipeline
        self.ref = ref
        self.outcomes = outcomes
        self.isOpen = isOpen
        self.since = since
        self.before = before
        self.limit = limit
    }
}

extension RunnerDatabase {
    package func run(_ number: RunNumber) async throws -> RunRow? {
        try await read { try Self.row(number, $0) }
    }

    /// In the order of the plan.
    package func stages(of run: RunNumber) async throws -> [StageRow] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM stageRun WHERE run = ? ORDER BY position",
                arguments: [run.value]
            )
            .map(StageRow.init)
        }
    }

    /// The newest first.
    package func runs(_ filter: RunFilter) async throws -> [RunRow] {
        try await read { database in
            var conditions: [String] = []
            var arguments: StatementArguments = []
            func narrow(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
                guard let value else { return }
                conditions.append(condition)
                arguments += [value]
            }
            narrow("repository.name = ?", filter.repository)
            narrow("run.pipeline = ?", filter.pipeline)
            narrow("run.createdAt >= ?", filter.since?.timeIntervalSince1970)
            narrow("run.number < ?", filter.before?.value)
            if let ref = filter.ref { Self.narrow(to: ref, &conditions, &arguments) }
            if !filter.outcomes.isEmpty {
                conditions.append("run.outcome IN (\(filter.outcomes.map { _ in "?" }.joined(separator: ", ")))")
                arguments += StatementArguments(filter.outcomes.map(\.rawValue))
            }
            if let isOpen = filter.isOpen { conditions.append("run.status \(isOpen ? "<>" : "=") 'finished'") }
            let narrowing = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
            arguments += [max(1, min(filter.limit, 1000))]
            return try Row.fetchAll(
                database,
                sql: "\(Self.runQuery)\(narrowing) ORDER BY run.number DESC LIMIT ?",
                arguments: arguments
            ).map(RunRow.init)
        }
    }

    /// Those that have not ended, the oldest first.
    package func openRuns() async throws -> [RunRow] {
        try await read { database in
            try Row.fetchAll(database, sql: "\(Self.runQuery) WHERE run.status <> 'finished' ORDER BY run.number")
                .map(RunRow.init)
        }
    }

    /// Runs that changed after `change`, in the order of their changes: as they are now, so a run comes once.
    package func runs(changedAfter change: Int64, limit: Int = 100) async throws -> [RunRow] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "\(Self.runQuery) WHERE run.change > ? ORDER BY run.change LIMIT ?",
                arguments: [change, limit]
            ).map(RunRow.init)
        }
    }

    package func newestChange() async throws -> Int64 {
        try await read { try Int64.fetchOne($0, sql: "SELECT MAX(change) FROM run") ?? 0 }
    }

    /// What a run that has not ended is to do.
    package func plan(of run: RunNumber) async throws -> (plan: Plan, selection: RunSelection)? {
        try await read { database in
            let sql = "SELECT plan, selection FROM runPlan WHERE run = ?"
            guard let row = try Row.fetchOne(database, sql: sql, arguments: [run.value]) else { return nil }
            return (
                try JSON.value(Plan.self, row["plan"]), try JSON.value(RunSelection.self, row["selection"])
            )
        }
    }

    /// `develop`, `refs/heads/develop`, `hotfix/*`.
    private static func narrow(to ref: String, _ conditions: inout [String], _ arguments: inout StatementArguments) {
        let names = ref.hasPrefix("refs/") ? [ref] : ["refs/heads/\(ref)", "refs/tags/\(ref)"]
        let test = ref.contains("*") ? "run.ref GLOB ?" : "run.ref = ?"
        conditions.append("(\(names.map { _ in test }.joined(separator: " OR ")))")
        // `[` and `?` mean themselves: only `*` is ours.
        let escaped = names.map { name in
            ref.contains("*")
                ? name.map { "[?".contains($0) ? "[\($0)]" : String($0) }.joined() : name
        }
        arguments += StatementArguments(escaped)
    }
}
