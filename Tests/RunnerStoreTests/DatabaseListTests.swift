import FoundationEssentials
import GRDB
import RunnerCore
import Testing

@testable import RunnerStore

/// Lists at 100,000 runs: the plan of each is looked at, because a time says little of another machine.
@Suite(.serialized) struct DatabaseListTests {
    private let fixture: DatabaseFixture
    private var database: RunnerDatabase { fixture.database }

    init() async throws {
        fixture = try DatabaseFixture()
        for name in ["web", "api", "tools"] { _ = try await fixture.repository(name) }
        let event = try JSON.text(DatabaseFixture.plan().event)
        try await fixture.database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO run (repository, pipeline, kind, ref, event, cause, status, outcome, priority, createdAt,
                        change, slots, cpu, memory)
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000),
                    named AS (SELECT i, CASE WHEN i % 4 = 0 THEN 'refs/heads/develop'
                        WHEN i % 100 = 1 THEN 'refs/tags/v' || i ELSE 'refs/heads/feature/' || (i % 5000) END AS ref FROM n)
                    SELECT 1 + i % 3, CASE i % 5 WHEN 0 THEN 'nightly' ELSE 'ci' END, 'push', ref,
                        replace(?, 'refs/heads/develop', ref), 'push', CASE WHEN i > 99900 THEN 'pending' ELSE 'finished' END,
                        CASE WHEN i > 99900 THEN NULL WHEN i % 50 = 0 THEN 'failed' ELSE 'succeeded' END, 0, i, i, 1, 1, 0
                    FROM named
                    """,
                arguments: [event]
            )
        }
    }

    /// Every filter that the API can ask for, a value or none for each part.
    private static var filters: [RunFilter] {
        var filters = [RunFilter(limit: 50)]
        func vary<Value>(_ path: WritableKeyPath<RunFilter, Value>, _ values: [Value]) {
            filters = filters.flatMap { filter in
                values.map { value in
                    var filter = filter
                    filter[keyPath: path] = value
                    return filter
                }
            }
        }
        vary(\.repository, [nil, "web"])
        vary(\.pipeline, [nil, "ci"])
        vary(\.ref, [nil, "develop", "refs/tags/v1", "feature/*", "nothing/*"])
        vary(\.outcomes, [[], [.failed], [.failed, .errored]])
        vary(\.isOpen, [nil, true, false])
        vary(\.since, [nil, Date(timeIntervalSince1970: 90_000)])
        vary(\.before, [nil, RunNumber(50_000)])
        return filters
    }

    private func plan(_ sql: String, _ arguments: StatementArguments = []) async throws -> [String] {
        try await database.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] }
        }
    }

    @Test func `no filter sorts, or walks more than its index`() async throws {
        for filter in Self.filters {
            let bounds = RunListQuery.Bounds(
                repository: filter.repository.map { _ in 1 },
                oldest: filter.since.map { _ in 1 }
            )
            guard let query = RunListQuery(filter, bounds) else {
                #expect(filter.isOpen == true && !filter.outcomes.isEmpty)
                continue
            }
            let plan = try await plan(query.sql, query.arguments)
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(filter): \(plan)")
            let walks = plan.filter { $0.hasPrefix("SCAN") || $0.hasPrefix("SEARCH") }
            // Where nothing but the end is asked for, nearly every row is a hit.
            let isAnyHit = query.sql.contains("NOT INDEXED")
            #expect(walks.allSatisfy { isAnyHit || $0.contains("INDEX") }, "\(filter): \(plan)")
        }
    }

    @Test func `the other questions use an index, too`() async throws {
        for sql in Self.questions {
            let plan = try await plan(sql)
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            let walks = plan.filter { $0.hasPrefix("SCAN") || $0.hasPrefix("SEARCH") }
            #expect(
                !walks.isEmpty && walks.allSatisfy { $0.contains("INDEX") || $0.contains("PRIMARY KEY") },
                "\(plan)"
            )
        }
    }

    private static let questions = [
        RunListQuery.oldest.replacing("?", with: "5"),
        "\(RunnerDatabase.runQuery) WHERE run.status <> 'finished' ORDER BY run.number",
        "\(RunnerDatabase.runQuery) WHERE run.change > 5 ORDER BY run.change LIMIT 100",
        "\(RunnerDatabase.runQuery) WHERE run.number IN (1, 2, 3)",
        "SELECT MAX(change) FROM run", "SELECT * FROM stageRun WHERE run = 5 ORDER BY position",
        "SELECT * FROM refEvent WHERE handledAt IS NULL ORDER BY id", "SELECT number FROM run WHERE refEvent = 5",
        "SELECT * FROM audit WHERE id > 5 ORDER BY id LIMIT 5", "DELETE FROM delivery WHERE receivedAt < 5",
    ]

    @Test func `a list has what its filter asks for, the newest first`() async throws {
        var slowest: (milliseconds: Double, filter: RunFilter)?
        for filter in Self.filters {
            let begin = ContinuousClock.now
            let rows = try await database.runs(filter)
            let took = (ContinuousClock.now - begin) / .milliseconds(1)
            if took > slowest?.milliseconds ?? 0 { slowest = (took, filter) }
            #expect(rows.map(\.number) == rows.map(\.number).sorted(by: >))
            #expect(rows.allSatisfy { filter.holds($0) }, "\(filter)")
        }
        if let slowest { print("lists of 100,000 runs: slowest \(slowest.milliseconds) ms: \(slowest.filter)") }
        #expect(try await database.runs(RunFilter(repository: "web", pipeline: "nightly")).count == 50)
        let starred = try await database.runs(RunFilter(ref: "feature/1*", limit: 1000))
        #expect(starred.count == 1000)
        #expect(try await database.runs(RunFilter(outcomes: [.failed, .errored], limit: 1000)).count == 1000)
        #expect(try await database.runs(RunFilter(isOpen: true, limit: 1000)).count == 100)
        #expect(try await database.runs(RunFilter(repository: "unknown")).isEmpty)
        #expect(try await database.openRuns().count == 100)
    }

    @Test func `pages follow each other without a gap`() async throws {
        var filter = RunFilter(ref: "develop", outcomes: [.failed, .succeeded], limit: 1000)
        var seen: [RunNumber] = []
        while case let page = try await database.runs(filter), !page.isEmpty {
            seen += page.map(\.number)
            filter.before = seen.last
        }
        #expect(seen.count == 99_900 / 4 && Set(seen).count == seen.count)
    }
}

extension RunFilter {
    /// Whether a row belongs in the list, told another way than SQL's.
    fileprivate func holds(_ row: RunRow) -> Bool {
        let names = ref.map { ["refs/heads/\($0)", "refs/tags/\($0)", $0] }
        let isNamed = names?.contains { name in
            name.hasSuffix("*") ? row.event.ref.hasPrefix(name.dropLast()) : row.event.ref == name
        }
        return (repository ?? row.repository) == row.repository && (pipeline ?? row.pipeline) == row.pipeline
            && isNamed ?? true && (outcomes.isEmpty || row.outcome.map(outcomes.contains) ?? false)
            && isOpen.map { $0 == (row.outcome == nil) } ?? true && (since ?? row.createdAt) <= row.createdAt
            && before.map { row.number < $0 } ?? true
    }
}
