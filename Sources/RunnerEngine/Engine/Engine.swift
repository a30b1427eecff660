import FoundationEssentials
import Git
import Glibc
package import Logging
package import RunnerCore
import RunnerExecution
package import RunnerStore
import ServiceLifecycle
import Synchronization
package import SystemPackage

/// The daemon without its API: watches repositories, turns what moves into runs, and sees them to their end.
package actor Engine: Service, EngineControl {
    package nonisolated let database: RunnerDatabase
    package nonisolated let state: StateDirectory
    package nonisolated let changes = ChangeSignal()
    package nonisolated let secrets: SecretDesk
    package nonisolated let deployments: DeploymentDesk
    private let logger: Logger
    private let version: String
    private let startedAt = Date()
    private let readConfiguration: @Sendable () throws -> RunnerConfiguration
    private let onUpgrade: @Sendable (FilePath?) async throws -> Void
    private let onReady: @Sendable () -> Void

    private var configuration: RunnerConfiguration
    private var desks: [RepositoryID: RepositoryDesk] = [:]
    private var watch: RefWatch?
    private let scheduler: RunScheduler
    private let housekeeping: Housekeeping
    private let poller: RemotePoller
    private let pool = GitHelperPool()
    private let looks: AsyncStream<String>
    private let asked: AsyncStream<String>.Continuation
    private let deskTable: DeskTable

    /// `read` gives the server's configuration as it is now; `onUpgrade` puts another binary in this one's place; `onReady`
    /// is told once every repository was looked at, so that no move from then on is missed.
    package init(
        state: StateDirectory,
        configuration: RunnerConfiguration,
        version: String,
        logger: Logger,
        read: @escaping @Sendable () throws -> RunnerConfiguration,
        onUpgrade: @escaping @Sendable (FilePath?) async throws -> Void,
        onReady: @escaping @Sendable () -> Void
    ) throws {
        self.state = state
        self.configuration = configuration
        self.version = version
        self.logger = logger
        readConfiguration = read
        self.onUpgrade = onUpgrade
        self.onReady = onReady
        database = try RunnerDatabase(at: state.database)
        secrets = SecretDesk(database, state: state, options: configuration.server)
        let table = DeskTable()
        deskTable = table
        deployments = DeploymentDesk(
            database: database,
            state: state,
            secrets: secrets,
            environments: configuration.server.environments,
            changes: changes,
            logger: logger,
            mirror: { table.mirror(named: $0) }
        )
        scheduler = RunScheduler(
            database: database,
            preparation: try RunPreparation(configuration, state: state),
            secrets: secrets,
            changes: changes,
            logger: logger,
            source: { table.mirror(of: $0) }
        )
        housekeeping = Housekeeping(
            database: database,
            configuration: configuration,
            state: state,
            logger: logger,
            mirrors: table,
            scheduler: scheduler
        )
        poller = RemotePoller(pool: pool, database: database, state: state, logger: logger) {
            table.put($0, $1)
        }
        (looks, asked) = AsyncStream.makeStream(of: String.self)
    }

    package func run() async throws {
        let asked = asked
        let watch = RefWatch { asked.yield($0) }
        self.watch = watch
        // `runner local` may have used the directory before it was a daemon's.
        let taken = FileSystem.names(in: state.runs).compactMap { Int($0) }.max() ?? 0
        try await database.reserve(numbersUpTo: taken)
        if try await database.isDrained() { await scheduler.hold("drain", Self.drainReason) }
        watch.start()
        try await secrets.store.recover()
        try await adopt(configuration)
        onReady()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [scheduler] in try await scheduler.run() }
            group.addTask { [self] in await followHints() }
            group.addTask { [self] in try await lookFromTimeToTime() }
            group.addTask { [poller] in await poller.run() }
            group.addTask { [housekeeping] in try await housekeeping.run() }
            group.addTask { [deployments] in try await deployments.run() }
            defer { group.cancelAll() }
            try await withTaskCancellationOrGracefulShutdownHandler {
                _ = try await group.next()
            } onCancelOrGracefulShutdown: {
                asked.finish()
            }
        }
    }

    // MARK: - Repositories

    /// Brings the watched repositories in line with the file and with what was added.
    private func adopt(_ configuration: RunnerConfiguration) async throws {
        self.configuration = configuration
        let declared = configuration.server.repositories
        let names = Set(declared.map(\.name))
        for definition in declared { try await database.put(definition, origin: .file) }
        for record in try await database.repositories() {
            if record.origin == .file, !names.contains(record.name) {
                try await database.remove(record.id)
                await close(record.id)
            } else if desks[record.id]?.record.definition != record.definition {
                await close(record.id)
                await open(record)
            }
        }
    }

    private func open(_ record: RepositoryRecord) async {
        do {
            let mirror = try Mirror.open(record.definition, in: state)
            let desk = RepositoryDesk(record, mirror: mirror, database: database, logger: logger) { [scheduler] _ in
                scheduler.poke()
            }
            desks[record.id] = desk
            deskTable.put(record.id, mirror)
            switch mirror.origin {
            case .local:
                watch?.add(record.name, directory: mirror.location.commonDirectory)
                try await desk.look()
                try await database.noteLook(at: record.id, problem: nil)
            case .remote(let host): await poller.put(desk, host: host)
            }
        } catch {
            await note(error, at: record)
        }
    }

    private func close(_ id: RepositoryID) async {
        guard let desk = desks.removeValue(forKey: id) else { return }
        watch?.remove(desk.record.name)
        deskTable.put(id, nil)
        await poller.remove(id)
    }

    private func note(_ error: any Error, at record: RepositoryRecord) async {
        let words = Failure.words(error, state: state)
        logger.warning("cannot look at a repository", metadata: ["repository": "\(record.name)", "error": "\(words)"])
        // What cannot be written down stands in the log.
        try? await database.noteLook(at: record.id, problem: words)
    }

    nonisolated func poke() { scheduler.poke() }

    nonisolated func mirror(of id: RepositoryID) -> Mirror? { deskTable.mirror(of: id) }

    private func unknown(repository name: String) async -> RunnerError {
        Self.unknown(repository: name, among: desks.values.map(\.record.name).sorted())
    }

    private func desk(named name: String) -> RepositoryDesk? { desks.values.first { $0.record.name == name } }

    /// Each look is a task of its own: a disk that does not answer holds up its own repository alone.
    private func followHints() async {
        await withDiscardingTaskGroup { group in
            for await name in looks {
                guard let desk = desk(named: name) else { continue }
                group.addTask { [self] in
                    do {
                        try await lookSoon(desk)
                    } catch {
                        await note(error, at: desk.record)
                    }
                }
            }
        }
    }

    /// Behind the notifications: what they missed is found all the same. Each repository in its own time, so that not all
    /// are looked at at once.
    private func lookFromTimeToTime() async throws {
        var next: [RepositoryID: ContinuousClock.Instant] = [:]
        var sinceRetry = 0
        while !Task.isCancelled {
            try await Task.sleep(for: .seconds(1))
            let now = ContinuousClock.now
            for (id, desk) in desks where desk.source.isLocal {
                let poll = desk.record.definition.poll
                let due = next[id] ?? now + poll * Double.random(in: 0..<1)
                next[id] = due <= now ? now + poll * Double.random(in: 0.9..<1.1) : due
                if due <= now { asked.yield(desk.record.name) }
            }
            sinceRetry += 1
            guard sinceRetry >= 60 else { continue }
            sinceRetry = 0
            // What could not be opened may be there now.
            for record in try await database.repositories() where desks[record.id] == nil { await open(record) }
            scheduler.poke()
        }
    }

    // MARK: - What may be asked

    package func status() async throws -> EngineStatus {
        let open = try await database.openRuns()
        let repositories = try await database.repositories()
        return EngineStatus(
            version: version,
            startedAt: startedAt,
            pid: getpid(),
            isDraining: try await database.isDrained(),
            slots: await scheduler.slots,
            usedSlots: await scheduler.usedSlots,
            pending: open.count { $0.status == .pending },
            waiting: open.count { if case .waiting = $0.status { true } else { false } },
            running: open.count { $0.status == .running },
            repositories: repositories.count,
            problems: repositories.count { $0.problem != nil },
            diskProblem: try DiskSpace.check(state, minimumFree: configuration.server.minimumFree),
            freeBytes: try DiskSpace(at: state.path).freeBytes,
            state: state.path.string
        )
    }

    package func add(_ definition: RepositoryDefinition, actor: String) async throws -> RepositoryRecord {
        let record = try await database.put(definition, origin: .added, actor: actor)
        await close(record.id)
        await open(record)
        // The first look at a remote: what it finds wrong stands in the record, and is tried again.
        if let desk = desks[record.id], !desk.source.isLocal { try? await poller.look(record.id) }
        return try await database.repository(named: record.name) ?? record
    }

    package func removeRepository(named name: String, actor: String) async throws {
        guard let record = try await database.repository(named: name) else { throw await unknown(repository: name) }
        guard record.origin == .added else {
            throw RunnerError(
                .input,
                "cannot remove repository `\(name)`",
                why: "the server's file declares it",
                hint: "take it out of the file, then `runner reload`"
            )
        }
        try await database.remove(record.id, actor: actor)
        await close(record.id)
    }

    package func look(at repository: String) async throws {
        guard let desk = desk(named: repository) else { throw await unknown(repository: repository) }
        switch desk.source.origin {
        case .local: try await desk.look()
        case .remote: try await poller.look(desk.record.id)
        }
    }

    private func lookSoon(_ desk: RepositoryDesk) async throws {
        switch desk.source.origin {
        case .local: try await desk.look()
        case .remote: await poller.hint(desk.record.id)
        }
    }

    package func hint(at repository: String) { asked.yield(repository) }

    package func cancel(_ run: RunNumber, reason: String) async throws -> RunnerDatabase.CancelAnswer {
        try await scheduler.cancel(run, reason: reason)
    }

    package func drain(_ isDraining: Bool, actor: String) async throws {
        try await database.setDrained(isDraining, actor: actor)
        await scheduler.hold("drain", isDraining ? Self.drainReason : nil)
    }

    package func breakLock(_ name: String, reason: String, actor: String) async throws {
        guard try await database.breakLock(name, reason: reason, actor: actor) else {
            throw RunnerError(.input, "there is no lock `\(name)`", why: "nobody holds it", hint: "runner lock list")
        }
        scheduler.poke()
    }

    package func upgrade(to binary: FilePath?, actor: String) async throws { try await onUpgrade(binary) }

    package func reload() async throws {
        let configuration = try readConfiguration()
        await scheduler.use(try RunPreparation(configuration, state: state))
        await housekeeping.use(configuration)
        await secrets.use(configuration.server)
        await deployments.use(configuration.server.environments)
        try await adopt(configuration)
    }

    private static let drainReason = "the server is draining: it starts nothing new"
}

/// The mirrors by repository, for whoever is not on the engine's actor.
final class DeskTable: Sendable {
    private let mirrors = Mutex<[RepositoryID: Mirror]>([:])

    func put(_ id: RepositoryID, _ mirror: Mirror?) { mirrors.withLock { $0[id] = mirror } }

    func mirror(of id: RepositoryID) -> Mirror? { mirrors.withLock { $0[id] } }

    func mirror(named name: String) -> Mirror? { mirrors.withLock { $0.values.first { $0.name == name } } }
}
