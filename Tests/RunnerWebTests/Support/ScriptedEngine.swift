import FoundationEssentials
import Git
import RunnerCore
import RunnerEngine
import RunnerStore
import Synchronization
import SystemPackage

/// An engine that does what is asked to the database alone, and says what it was asked. The database and the files are real.
final class ScriptedEngine: EngineControl {
    let database: RunnerDatabase
    let state: StateDirectory
    let changes = ChangeSignal()
    let secrets: SecretDesk
    let deployments: DeploymentDesk
    private let asked = Mutex<[String]>([])
    private let draining = Mutex(false)

    init(_ directory: FilePath) throws {
        state = StateDirectory(directory)
        try state.prepare()
        database = try RunnerDatabase(at: directory.appending("runner.db"))
        secrets = SecretDesk(database, state: state, options: ServerOptions())
        deployments = DeploymentDesk(database: database, state: state, secrets: secrets, changes: changes)
    }

    var calls: [String] { asked.withLock { $0 } }

    private func note(_ call: String) { asked.withLock { $0.append(call) } }

    func status() async throws -> EngineStatus {
        let open = try await database.openRuns()
        return EngineStatus(
            version: "1.2.3",
            startedAt: Date(timeIntervalSince1970: 1_000_000_000),
            pid: 42,
            isDraining: draining.withLock { $0 },
            slots: 4,
            usedSlots: 1,
            pending: open.count { $0.status == .pending },
            waiting: 0,
            running: open.count { $0.status == .running },
            repositories: try await database.repositories().count,
            problems: 0,
            diskProblem: nil,
            freeBytes: 1 << 30,
            state: state.path.string
        )
    }

    func add(_ definition: RepositoryDefinition, actor: String) async throws -> RepositoryRecord {
        note("add \(definition.name) by \(actor)")
        return try await database.put(definition, origin: .added)
    }

    func removeRepository(named name: String, actor: String) async throws {
        note("remove \(name)")
        if let record = try await database.repository(named: name) { try await database.remove(record.id) }
    }

    func look(at repository: String) async throws {
        note("look \(repository)")
        if repository == "slow" { try await Task.sleep(for: .seconds(3600)) }
    }

    func hint(at repository: String) async { note("hint \(repository)") }

    func start(_ request: RunRequest) async throws -> RunNumber {
        note("start \(request.pipeline) by \(request.actor)")
        let records = try await database.repositories()
        guard let record = records.first(where: { request.repository == nil || $0.name == request.repository }) else {
            throw RunnerError(.input, "cannot start `\(request.pipeline)`", why: "there is no such repository")
        }
        guard request.pipeline == "ci" else {
            throw RunnerError(.input, "cannot start `\(request.pipeline)`", why: "there is no such pipeline")
        }
        let run = try await database.add(
            NewRun(plan: try RunFixture.plan(), cause: "by \(request.actor)"),
            of: record.id
        )
        changes.notify()
        return run
    }

    func cancel(_ run: RunNumber, reason: String) async throws -> RunnerDatabase.CancelAnswer {
        note("cancel \(run) \(reason)")
        defer { changes.notify() }
        return try await database.requestCancel(run, reason: reason)
    }

    func rerun(_ run: RunNumber, _ choice: RerunChoice, actor: String) async throws -> RunNumber {
        note("rerun \(run) \(choice)")
        guard let row = try await database.run(run) else { throw RunnerError(.input, "there is no run \(run)") }
        return try await database.add(
            NewRun(plan: try RunFixture.plan(), cause: "by \(actor)", rerunOf: run),
            of: row.repositoryID
        )
    }

    func drain(_ isDraining: Bool, actor: String) async throws { draining.withLock { $0 = isDraining } }

    func breakLock(_ name: String, reason: String, actor: String) async throws {
        note("break \(name): \(reason)")
        _ = try await database.breakLock(name)
    }

    func upgrade(to binary: FilePath?, actor: String) async throws { note("upgrade \(binary?.string ?? "same")") }

    func reload() async throws { note("reload") }
}
