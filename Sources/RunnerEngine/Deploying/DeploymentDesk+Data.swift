package import Deployments
import FoundationEssentials
import Logging
import RunnerCore
import RunnerExecution
package import RunnerStore

/// Migrations and backups by hand and by the clock. While somebody works on an environment's data nothing is rolled out there.
extension DeploymentDesk {
    // MARK: - By hand

    package func backUp(_ name: String, actor: String) async throws -> BackupRow {
        let environment = try backedUp(name)
        return try await withData(of: environment) { data in
            guard let row = try await data.backUp(because: "by \(actor)") else { throw Self.noBackups(name) }
            _ = try await data.verify(row)
            return try await data.database.backup(row.id) ?? row
        }
    }

    /// Restores one into a scratch database, by the environment's script; throws where it is no good, or nothing can say.
    package func verify(backup id: Int64) async throws -> BackupRow {
        let (row, environment) = try await backup(id)
        return try await withData(of: environment) { data in
            guard try await data.verify(row) != nil else {
                throw RunnerError(
                    .input,
                    "cannot prove backup \(id)",
                    why: "environment `\(environment.name)` has no script for it",
                    hint: "add `backup: { verify: ... }` to its file"
                )
            }
            return try await data.database.backup(id) ?? row
        }
    }

    /// Brings the data of a backup back: what was written since is lost.
    package func restore(backup id: Int64, reason: String, actor: String) async throws -> BackupRow {
        let (row, environment) = try await backup(id)
        return try await withData(of: environment) { data in
            try await data.database.noteRestored(row, actor: actor, reason: reason)
            try await data.restore(row)
            return row
        }
    }

    /// What a release's files and the database say; of the live release without a version.
    package func migrations(_ name: String, version: String?) async throws -> (release: ReleaseRow, all: [Migration]) {
        let environment = try environment(named: name).environment
        let release = try await migrating(environment, version)
        let data = try await data(environment) { _ in }
        return (release, try await data.status(try await kept(release)))
    }

    /// Applies what is pending, with a backup before where the environment wants that.
    package func migrate(_ name: String, version: String?, actor: String) async throws -> [Migration] {
        let environment = try environment(named: name).environment
        let release = try await migrating(environment, version)
        let kept = try await kept(release)
        let live = try await database.live().first { $0.environment == name }
        return try await withData(of: environment) { data in
            let pending = try await data.pending(kept)
            if !pending.isEmpty {
                if environment.backup?.beforeMigrations == true {
                    try await data.backUp(because: "migrations by \(actor)")
                }
                try await data.migrate(kept, for: live?.deployment ?? 0)
                let words = pending.map(\.id).joined(separator: ", ")
                try await data.database.note(.migrated, of: name, by: actor, detail: "\(release.version): \(words)")
            }
            return try await data.status(kept)
        }
    }

    private func migrating(_ environment: DeployEnvironment, _ version: String?) async throws -> ReleaseRow {
        guard environment.migrations != nil else {
            throw RunnerError(
                .input,
                "environment `\(environment.name)` has no migrations",
                hint: "add `migrations: ...` to its file"
            )
        }
        if version == nil, let live = try await database.live().first(where: { $0.environment == environment.name }) {
            return live.release
        }
        return try await release(version, for: environment)
    }

    private func backup(_ id: Int64) async throws -> (BackupRow, DeployEnvironment) {
        guard let row = try await database.backup(id), row.removedAt == nil else {
            throw RunnerError(.input, "there is no backup \(id)", hint: "runner backup list ENVIRONMENT")
        }
        return (row, try backedUp(row.environment))
    }

    private func backedUp(_ name: String) throws -> DeployEnvironment {
        let environment = try environment(named: name).environment
        guard environment.backup != nil else { throw Self.noBackups(name) }
        return environment
    }

    private static func noBackups(_ name: String) -> RunnerError {
        RunnerError(
            .input,
            "environment `\(name)` makes no backups",
            hint: "add `backup: { create: ..., restore: ... }` to its file"
        )
    }

    /// Has the environment alone meanwhile.
    private func withData<Value: Sendable>(
        of environment: DeployEnvironment,
        _ body: @Sendable (DataWork) async throws -> Value
    ) async throws -> Value {
        let name = environment.name
        let busy = try await database.openDeployments().first { $0.environment == name && $0.status != .waiting }
        guard busy == nil, !atWork.contains(name) else {
            throw RunnerError(
                .errored,
                "environment `\(name)` is busy",
                why: busy.map { "deployment \($0.id) has it" } ?? "somebody works on its data",
                hint: "again when that has ended: `runner status \(name)`"
            )
        }
        atWork.insert(name)
        defer {
            atWork.remove(name)
            poke()
        }
        let logger = logger
        let data = try await data(environment) { logger.info("\($0)", metadata: ["environment": "\(name)"]) }
        return try await body(data)
    }

    // MARK: - By the clock

    /// Backups and drills that are due, and backups that nobody needs any more.
    func lookAtClock(_ environment: DeployEnvironment) async throws {
        let name = environment.name
        if let schedule = environment.backup?.schedule, try await isDue("backup \(name)", schedule) {
            await attempt("a backup was not made") {
                let row = try await self.backUp(name, actor: RunnerDatabase.itself)
                self.logger.info("backup made", metadata: ["environment": "\(name)", "backup": "\(row.id)"])
                try await self.prune(environment)
            }
        }
        if let schedule = environment.drill, try await isDue("drill \(name)", schedule) {
            await attempt("a drill was not held") { _ = try await self.drill(name, actor: RunnerDatabase.itself) }
        }
    }

    /// Takes away what the environment's `retention` does not keep. One that cannot be taken away stays, and is tried again
    /// after the next backup.
    func prune(_ environment: DeployEnvironment) async throws {
        guard let settings = environment.backup else { return }
        let rows = try await database.backups(of: environment.name)
        let pruning = BackupPruning(
            rows.map { .init(id: $0.id, at: $0.createdAt, isVerified: $0.verifiedAt != nil) },
            settings.retention,
            zone: settings.schedule?.zone ?? "UTC"
        )
        let data = try await data(environment) { _ in }
        for row in rows where pruning.removed.contains(row.id) {
            await attempt("a backup was not taken away") { try await data.remove(row) }
        }
    }

    /// A time that passed while nobody looked counts once.
    private func isDue(_ name: String, _ schedule: Schedule) async throws -> Bool {
        let now = Date()
        guard let since = try await database.clockMark(name) else {
            try await database.setClockMark(name, to: now)
            return false
        }
        guard try CronSchedule(schedule).due(since: since, now: now) != nil else { return false }
        try await database.setClockMark(name, to: now)
        return true
    }
}
