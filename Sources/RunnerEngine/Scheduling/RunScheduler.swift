import FoundationEssentials
import Logging
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// Begins runs, shares the machine out between them, follows and ends them. What is decided is decided by RunScheduling;
/// what must not be lost is in the database before it is done.
actor RunScheduler {
    private let database: RunnerDatabase
    private let state: StateDirectory
    private let logger: Logger
    private let changes: ChangeSignal
    /// The mirror of a run's repository.
    private let source: @Sendable (RepositoryID) async -> Mirror?

    private let secrets: SecretDesk
    private var starter: RunStarter
    private var capacity: Grant
    private var active = ActiveRuns()
    private var waits: [RunNumber: String] = [:]
    private var holds: [String: String] = [:]
    private var watch: RunWatch?
    private var works: [RunNumber: RunQueue.Work] = [:]
    private let pokes: AsyncStream<Void>
    private let poked: AsyncStream<Void>.Continuation
    private var escalations: [RunNumber: CancelEscalation] = [:]
    /// Runs whose secrets have to be asked for: other runs do not wait for those who answer.
    private let slowLaunches: AsyncStream<Launching>
    private let slowlyLaunched: AsyncStream<Launching>.Continuation

    private struct Launching: Sendable {
        let row: RunRow
        let plan: Plan
        let selection: RunSelection
        let share: Grant
    }

    init(
        database: RunnerDatabase,
        preparation: RunPreparation,
        secrets: SecretDesk,
        changes: ChangeSignal,
        logger: Logger,
        source: @escaping @Sendable (RepositoryID) async -> Mirror?
    ) {
        self.database = database
        state = preparation.state
        self.changes = changes
        self.logger = logger
        self.source = source
        self.secrets = secrets
        starter = RunStarter(preparation, secrets: secrets)
        capacity = preparation.capacity()
        (slowLaunches, slowlyLaunched) = AsyncStream.makeStream(of: Launching.self)
        (pokes, poked) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Something may be due.
    nonisolated func poke() {
        poked.yield()
        changes.notify()
    }

    var usedSlots: Int { active.usedSlots }
    var slots: Int { capacity.slots }

    /// Holds new runs back for a reason, or no more for that reason.
    func hold(_ key: String, _ reason: String?) {
        guard holds[key] != reason else { return }
        holds[key] = reason
        poke()
    }

    func use(_ preparation: RunPreparation) {
        starter.close()
        starter = RunStarter(preparation, secrets: secrets)
        starter.getReady()
        capacity = preparation.capacity()
        poke()
    }

    /// Takes up what an earlier daemon left, then works until it is canceled. Supervisors go on without it.
    func run() async throws {
        let watch = try RunWatch { [self] in await take($0) }
        self.watch = watch
        starter.getReady()
        defer { starter.close() }
        try await recover()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            group.addTask { [self] in try await launchSlowOnes() }
            group.addTask { [self] in
                try await pass()
                for await _ in pokes { try await pass() }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    // MARK: - Deciding

    private func pass() async throws {
        var queue = RunQueue(
            capacity: capacity,
            pending: try await candidates(),
            active: active.queue,
            locks: Dictionary(try await database.locks().map { ($0.name, $0.run) }) { first, _ in first },
            hold: holds.sorted { $0.key < $1.key }.first?.value
        )
        if queue.pending.contains(where: { $0.work?.takes.isEmpty == false }) {
            queue.unplanned = try await database.unplannedRepositories(seenAfter: Date() - Self.planningTime)
        }
        var waiting: [RunNumber: String] = [:]
        for decision in RunScheduling.decide(queue, now: Date()) {
            switch decision {
            case .start(let run, let share): try await begin(run, share)
            case .supersede(let run, let newer):
                _ = try await database.end(
                    run,
                    .superseded,
                    reason: "superseded by run \(newer)",
                    supersededBy: newer
                )
            case .cancel(let run, let newer):
                _ = try await cancel(run, reason: "superseded by run \(newer)", supersededBy: newer)
            case .reject(let run, let other):
                _ = try await database.end(run, .skipped, reason: "its group is taken by run \(other)")
            case .wait(let run, let reason): waiting[run] = reason
            case .grant(let run, let share): ask(run, share)
            }
        }
        let news = waiting.filter { waits[$0.key] != $0.value }
        for (run, reason) in news { try await database.wait(run, because: reason) }
        waits = waiting
        changes.notify()
    }

    /// Runs that have not begun, each with what it takes and makes: looked up once.
    private func candidates() async throws -> [RunQueue.Candidate] {
        var pending = try await database.candidates().filter { !active.contains($0.number) }
        var known: [RunNumber: RunQueue.Work] = [:]
        for index in pending.indices {
            let number = pending[index].number
            if let work = works[number] {
                known[number] = work
            } else if let row = try await database.run(number),
                let (plan, selection) = try await database.plan(of: number)
            {
                known[number] = RunQueue.Work(
                    plan,
                    trust: trust(in: row),
                    selected: selection.stages,
                    taken: selection.taken
                )
            }
            pending[index].work = known[number]
        }
        works = known
        return pending
    }

    private func trust(in row: RunRow) -> RefTrust {
        starter.preparation.configuration.protected.trust(in: row.event)
    }

    /// Looks again at runs that wait for what no message may ever tell of.
    func lookAgain() {
        if !waits.isEmpty { poked.yield() }
    }

    /// A ref's move that could not be planned for so long keeps no run waiting.
    private static let planningTime: TimeInterval = 30

    private func ask(_ run: RunNumber, _ share: Grant) {
        do {
            try Inbox(directory(run).inbox).send(.grant(share.forRun))
            active.ask(run, share)
        } catch {
            logger.warning("cannot grant", metadata: ["run": "\(run)", "error": "\(error)"])
        }
    }

    private func begin(_ run: RunNumber, _ share: Grant) async throws {
        guard let row = try await database.run(run), let (plan, selection) = try await database.plan(of: run) else {
            return
        }
        guard try await database.start(run) else { return }
        RunMeters.began(row)
        try await launchOrFail(row, plan, selection, share)
    }

    private func launchSlowOnes() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await run in slowLaunches {
                group.addTask { [self] in
                    try await launchOrFail(run.row, run.plan, run.selection, run.share, isSlow: true)
                }
            }
        }
    }

    private func launchOrFail(
        _ row: RunRow,
        _ plan: Plan,
        _ selection: RunSelection,
        _ share: Grant,
        isSlow: Bool = false
    ) async throws {
        if !isSlow {
            active.begin(row, plan, share: share, trust: trust(in: row))
            if await secrets.asksPrograms(for: plan) {
                slowlyLaunched.yield(Launching(row: row, plan: plan, selection: selection, share: share))
                return
            }
        }
        do {
            try await launch(row, plan, selection, share)
        } catch let error as CancellationError {
            // The daemon is ending: the next one takes the run up.
            throw error
        } catch {
            try await fail(row, plan, error)
        }
    }

    private func launch(_ row: RunRow, _ plan: Plan, _ selection: RunSelection, _ share: Grant) async throws {
        guard let mirror = await source(row.repositoryID) else {
            throw RunnerError(.errored, "cannot begin run \(row.number)", why: "repository `\(row.repository)` is gone")
        }
        let supervisor = try await starter.start(row, plan, selection, share: share, source: mirror)
        watch?.follow(directory(row.number), from: row.followed, process: supervisor)
        logger.info("run begins", metadata: ["run": "\(row.number)", "pipeline": "\(row.pipeline)"])
        await keep(row)
    }

    /// Keeps the run's commit until retention lets it go. A run that has begun goes on without.
    private func keep(_ row: RunRow) async {
        do {
            try await source(row.repositoryID)?.pin(row.event.commit, run: row.number)
        } catch {
            logger.warning("a run's commit is not kept", metadata: ["run": "\(row.number)", "error": "\(error)"])
        }
    }

    /// A run that could not be handed over has ended.
    private func fail(_ row: RunRow, _ plan: Plan, _ error: any Error) async throws {
        let reason = Failure.words(error, state: state)
        logger.error("run cannot begin", metadata: ["run": "\(row.number)", "error": "\(reason)"])
        // Nothing of it has run: what may lie in the directory is not its own.
        let result = Self.erroredResult(row.number, reason)
        try await database.finish(row.number, with: result)
        active.end(row.number)
        poke()
    }

    // MARK: - Following

    /// What supervisors have written. What the database does not take is told, and comes again with the next daemon: the
    /// files are still there.
    private func take(_ updates: [RunWatch.Update]) async {
        for update in updates {
            do {
                try await take(update)
            } catch {
                logger.error("cannot take in what a run wrote", metadata: ["error": "\(error)"])
            }
        }
    }

    private func take(_ update: RunWatch.Update) async throws {
        switch update {
        case .records(let run, let records, let offset):
            var isShareOpen = false
            for record in records {
                if active.take(record, of: run) { isShareOpen = true }
                if case .stageFinished(let result) = record.happening { RunMeters.ended(result) }
            }
            try await database.take(records, of: run, upTo: offset)
            isShareOpen ? poke() : changes.notify()
        case .ended(let run, _): try await end(run)
        }
    }

    private func end(_ run: RunNumber) async throws {
        let directory = directory(run)
        // A daemon that died in between may have started it, too: the supervisor that got the lock has it, and the other
        // has just gone.
        if !FileSystem.exists(directory.result), try directory.isSupervised() {
            watch?.follow(directory, from: try await database.run(run)?.followed ?? 0)
            return
        }
        let result: RunResult
        var hasRecord = false
        do {
            if let written = try JSON.read(RunResult.self, at: directory.result) {
                result = written
                hasRecord = true
            } else {
                result = RunReckoning.result(
                    of: directory,
                    plan: try await planOnDisk(run),
                    because: "its supervisor is gone and left no result"
                )
            }
        } catch {
            result = Self.erroredResult(run, Failure.words(error, state: state))
        }
        try await database.finish(run, with: result)
        let row = try await database.run(run)
        if let row { RunMeters.ended(row) }
        escalations[run] = nil
        active.end(run)
        if !hasRecord, let row, row.cancelReason == nil, let plan = try? await planOnDisk(run) {
            // Without its plan a run cannot be begun again; its result has said why.
            await RunRetry(database: database, state: state, logger: logger, source: source).tryAgain(row, plan, result)
        }
        logger.info("run ended", metadata: ["run": "\(run)", "outcome": "\(result.outcome.rawValue)"])
        poke()
    }

    private func planOnDisk(_ run: RunNumber) async throws -> Plan {
        if let (plan, _) = try await database.plan(of: run) { return plan }
        guard let spec = try JSON.read(RunSpec.self, at: directory(run).spec) else {
            throw RunnerError(.errored, "cannot end run \(run)", why: "its record `run.json` is gone")
        }
        return spec.plan
    }

    private static func erroredResult(_ run: RunNumber, _ reason: String) -> RunResult {
        RunResult(
            number: run,
            outcome: .errored,
            reason: reason,
            startedAt: Date(),
            seconds: 0,
            stages: [],
            peakKibibytes: 0
        )
    }

    private func directory(_ run: RunNumber) -> RunDirectory {
        RunDirectory(state.runs.appending(run.description), number: run)
    }

    // MARK: - Ending

    /// Asks a run to end. One that runs is told, and made to, should it not listen.
    func cancel(
        _ run: RunNumber,
        reason: String,
        supersededBy: RunNumber? = nil
    ) async throws -> RunnerDatabase.CancelAnswer {
        let answer = try await database.requestCancel(run, reason: reason, supersededBy: supersededBy)
        if case .isRunning = answer {
            active.cancel(run)
            try Inbox(directory(run).inbox).send(.cancel)
            if escalations[run] == nil { escalations[run] = CancelEscalation(directory(run), logger: logger) }
        }
        poke()
        return answer
    }

    // MARK: - After a restart

    /// Follows what still runs, ends what has ended, begins again what never began.
    private func recover() async throws {
        for row in try await database.openRuns() where row.status == .running {
            let directory = directory(row.number)
            let plan: Plan
            do {
                plan = try await planOnDisk(row.number)
            } catch {
                try await database.finish(
                    row.number,
                    with: Self.erroredResult(row.number, Failure.words(error, state: state))
                )
                continue
            }
            let hasBegun = FileSystem.exists(directory.events) || FileSystem.exists(directory.result)
            if try hasBegun || directory.isSupervised() {
                let share = try Grant(of: directory)
                active.begin(row, plan, share: share, trust: trust(in: row))
                for record in RunReckoning.events(of: directory) { _ = active.take(record, of: row.number) }
                watch?.follow(directory, from: row.followed)
                // The daemon before may have died before it came to that.
                await keep(row)
                logger.info("run followed again", metadata: ["run": "\(row.number)"])
            } else {
                let selection = try await database.plan(of: row.number)?.selection ?? RunSelection()
                let share = plan.initialDemand.fits(into: capacity) ? plan.initialDemand : capacity
                try await launchOrFail(row, plan, selection, share)
            }
            if let reason = row.cancelReason { _ = try await cancel(row.number, reason: reason) }
        }
    }
}
