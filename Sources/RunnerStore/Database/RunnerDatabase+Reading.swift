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
            var bounds = RunListQuery.Bounds()
            if let name = filter.repository {
                let sql = "SELECT id FROM repository WHERE name = ?"
                guard let id = try Int64.fetchOne(database, sql: sql, arguments: [name]) else { return [] }
                bounds.repository = id
            }
            if let since = filter.since?.timeIntervalSince1970 {
                guard let oldest = try Int.fetchOne(database, sql: RunListQuery.oldest, arguments: [since]) else {
                    return []
                }
                bounds.oldest = oldest
            }
            guard let query = RunListQuery(filter, bounds) else { return [] }
            let numbers = try Int.fetchAll(database, sql: query.sql, arguments: query.arguments)
            return try Row.fetchAll(
                database,
                sql: "\(Self.runQuery) WHERE run.number IN (\(numbers.map(String.init).joined(separator: ", ")))"
            ).map(RunRow.init).sorted { $0.number > $1.number }
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
        try await read { try Self.newestChange($0) }
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
}

extension RunnerDatabase {
    /// Those of the runs that have a row.
    package func existing(runs: [RunNumber]) async throws -> Set<RunNumber> {
        try await read { database in
            var found: Set<RunNumber> = []
            for run in runs {
                let sql = "SELECT 1 FROM run WHERE number = ?"
                if try Bool.fetchOne(database, sql: sql, arguments: [run.value]) != nil { found.insert(run) }
            }
            return found
        }
    }
}
