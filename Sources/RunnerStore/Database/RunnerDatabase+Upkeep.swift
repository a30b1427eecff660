package import FoundationEssentials
import GRDB
package import RunnerCore

extension RunnerDatabase {
    /// What SQLite finds wrong with the file and with what its rows refer to; empty where nothing is. Reads all of it.
    package func damage() async throws -> [String] {
        try await read { database in
            var findings = try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
            for row in try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").prefix(20) {
                let (table, parent) = (row[0] as String? ?? "?", row[2] as String? ?? "?")
                findings.append("a row of `\(table)` refers to one of `\(parent)` that is not there")
            }
            return findings
        }
    }

    /// Ends every open run `errored`, its stages too.
    func endOpenRuns(because reason: String) async throws {
        try await write { database in
            let open = "SELECT number FROM run WHERE status <> 'finished'"
            for number in try Int.fetchAll(database, sql: open).compactMap(RunNumber.init) {
                guard let row = try Self.row(number, database) else { continue }
                try Self.end(number, from: row.status, .errored, reason: reason, database)
            }
        }
    }

    /// Forgets runs that have ended, with their stages. Their numbers are never given again, and those that look for changes
    /// miss none.
    package func forget(_ runs: [RunNumber]) async throws {
        try await write { database in
            try Self.set("lastChange", to: "\(Self.newestChange(database))", database)
            for run in runs {
                try database.execute(
                    sql: "DELETE FROM run WHERE number = ? AND status = 'finished'",
                    arguments: [run.value]
                )
            }
        }
    }

    /// Forgets events that were handled before a time and whose runs are forgotten.
    package func forgetEvents(handledBefore time: Date) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM refEvent WHERE handledAt < ?
                    AND NOT EXISTS (SELECT 1 FROM run WHERE run.refEvent = refEvent.id)
                    """,
                arguments: [time.timeIntervalSince1970]
            )
        }
    }

    /// What looking after the files of runs needs to know of one.
    package struct RunState: Sendable, Hashable {
        package var status: Status
        package var hasBegun: Bool
        /// Of its end, in words.
        package var reason: String?
        package var startedAt: Date?
        package var finishedAt: Date?
    }

    /// Every run.
    package func runStates() async throws -> [RunNumber: RunState] {
        try await read { database in
            let sql = "SELECT number, status, outcome, reason, startedAt, finishedAt FROM run"
            var states: [RunNumber: RunState] = [:]
            let rows = try Row.fetchCursor(database, sql: sql)
            while let row = try rows.next() {
                guard let number = RunNumber(row["number"]) else { continue }
                states[number] = RunState(
                    status: Status(row),
                    hasBegun: (row["startedAt"] as Double?) != nil,
                    reason: row["reason"],
                    startedAt: (row["startedAt"] as Double?).map(Date.init(timeIntervalSince1970:)),
                    finishedAt: (row["finishedAt"] as Double?).map(Date.init(timeIntervalSince1970:))
                )
            }
            return states
        }
    }
}
