import Deployments
import FoundationEssentials
import RunnerCore
import RunnerExecution
import RunnerStore

/// What a deployment would do, and what there is to know before it does.
struct DeployRehearsal: Sendable {
    var rollout: Rollout
    /// Those that are due, as the plan has them.
    var migrations: [String] = []
    /// In words.
    var notes: [String] = []
    /// Why it must not begin.
    var problem: String?
}

extension Migration {
    /// As a plan has it.
    var planned: String { "\(id) \(checksum ?? "-") \(kind.rawValue)" }
}

extension DeploymentDesk {
    /// Throws where the database of the environment cannot be asked.
    func rehearsal(
        _ kind: DeploymentRow.Kind,
        _ release: ReleaseRow,
        _ environment: DeployEnvironment,
        for row: DeploymentRow?
    ) async throws -> DeployRehearsal {
        let known = try await database.places(of: environment.name).compactMap { try $0.known() }
        let fleet = Fleet(of: environment, known: known)
        var parts = RolloutProgram.Parts()
        parts.isChecked = environment.health != nil
        parts.hasSmoke = environment.smoke != nil
        parts.bake = bake(release, environment)
        parts.isRollback = kind == .rollback
        let data = try await data(environment) { _ in }
        var rehearsal = DeployRehearsal(
            rollout: Rollout([], fleet: fleet, version: release.version, isChecked: true, takesMigrationsBack: false)
        )
        var pending: [Migration] = []
        switch kind {
        case .drill: rehearsal.notes = [try await safety(of: release, environment, data).words]
        case .deploy:
            pending = try await data.pending(try await kept(release))
            parts.migrates = !pending.isEmpty
            parts.backsUp = parts.migrates && environment.backup?.beforeMigrations == true
            rehearsal.migrations = pending.map(\.planned)
            rehearsal.notes = try await notes(on: pending, environment)
        case .rollback:
            let safety = try await safety(of: release, environment, data)
            rehearsal.notes = [safety.words]
            switch safety {
            case .safe: break
            case .reversible: parts.migratesBack = true
            case .needsRestore, .impossible: rehearsal.problem = safety.words
            }
        }
        let program =
            kind == .drill
            ? RolloutProgram.drill(environment, fleet, version: release.version, isChecked: parts.isChecked)
            : RolloutProgram.forward(environment, fleet, version: release.version, parts)
        rehearsal.rollout = Rollout(
            program,
            fleet: fleet,
            version: release.version,
            release: release.id,
            isChecked: parts.isChecked,
            takesMigrationsBack: DataWork.takesBack(pending)
        )
        return rehearsal
    }

    private func bake(_ release: ReleaseRow, _ environment: DeployEnvironment) -> Duration? {
        guard let watch = environment.watch else { return nil }
        guard let hotfix = environment.hotfix, let bake = hotfix.bake, release.ref.hasPrefix("refs/heads/"),
            hotfix.branches.matches(String(release.ref.dropFirst("refs/heads/".count)))
        else {
            return watch.bake
        }
        return bake
    }

    private func notes(on pending: [Migration], _ environment: DeployEnvironment) async throws -> [String] {
        var notes: [String] = []
        for migration in pending {
            let times = try await database.durations(of: migration.id, besides: environment.name)
            let elsewhere = times.map { "took \(Duration.seconds($0.seconds).words) in \($0.environment)" }
            let way = migration.isReversible ? "can be taken back" : "cannot be taken back"
            let words = ["migration \(migration.id) (\(migration.kind.rawValue))", way] + elsewhere
            notes.append(words.joined(separator: ", "))
        }
        if pending.contains(where: { !$0.isReversible && $0.kind != .expand }) {
            notes.append("after that, going back needs a restore of a backup")
        }
        return notes
    }

    /// Whether an earlier release can run on the database of now.
    private func safety(
        of release: ReleaseRow,
        _ environment: DeployEnvironment,
        _ data: DataWork
    ) async throws -> MigrationSafety {
        guard environment.migrations != nil,
            let live = try await database.live().first(where: { $0.environment == environment.name })
        else {
            return .safe(staying: [])
        }
        let since = try await database.liveHistory(of: environment.name, limit: 1000)
            .first { $0.release.id == release.id }?.deployment
        return try await data.safety(try await kept(live.release), for: try await kept(release), since: since ?? 0)
    }

    /// What the way back of a deployment takes back: its own migrations; of a rollback, all since its release was live.
    func migratedSince(_ row: DeploymentRow) async throws -> Int64 {
        guard row.kind == .rollback else { return row.id - 1 }
        let history = try await database.liveHistory(of: row.environment, limit: 1000)
        return history.first { $0.release.id == row.release.id }?.deployment ?? row.id - 1
    }

    func data(_ environment: DeployEnvironment, _ say: @escaping @Sendable (String) -> Void) async throws -> DataWork {
        DataWork(
            environment: environment,
            database: database,
            state: state,
            facts: try await scriptFacts(environment),
            say: say
        )
    }
}
