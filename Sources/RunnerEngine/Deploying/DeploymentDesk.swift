import Deployments
import FoundationEssentials
import Git
import Logging
import PipelineSyntax
package import RunnerCore
import RunnerExecution
package import RunnerStore
import SystemPackage

/// Everything that goes to environments: takes in what runs and people want, judges gates, drives rollouts, and goes on with
/// what an earlier daemon left. One rollout at a time and environment: the database sees to that.
package actor DeploymentDesk {
    let database: RunnerDatabase
    let state: StateDirectory
    let secrets: SecretDesk
    let logger: Logger
    let changes: ChangeSignal
    /// Of a repository, by name.
    let mirror: @Sendable (String) async -> Mirror?
    let connections = SSHConnections()

    private(set) var environments: [String: EnvironmentFile] = [:]
    private var rollouts: [Int64: (task: Task<Void, Never>, interruption: RolloutInterruption)] = [:]
    /// Environments whose data somebody works on: nothing is rolled out there meanwhile.
    var atWork: Set<String> = []
    private let pokes: AsyncStream<Void>
    private let poked: AsyncStream<Void>.Continuation

    /// Behind all notifications: facts that nobody tells of, as the health of another environment.
    private static let interval = Duration.seconds(15)

    init(
        database: RunnerDatabase,
        state: StateDirectory,
        secrets: SecretDesk,
        environments: [EnvironmentFile],
        changes: ChangeSignal,
        logger: Logger,
        mirror: @escaping @Sendable (String) async -> Mirror?
    ) {
        self.database = database
        self.state = state
        self.secrets = secrets
        self.changes = changes
        self.logger = logger
        self.mirror = mirror
        self.environments = Self.byName(environments)
        (pokes, poked) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// One that serves no repositories and has no environments.
    package init(database: RunnerDatabase, state: StateDirectory, secrets: SecretDesk, changes: ChangeSignal) {
        self.init(
            database: database,
            state: state,
            secrets: secrets,
            environments: [],
            changes: changes,
            logger: Logger(label: "runner"),
            mirror: { _ in nil }
        )
    }

    /// The server's files as they are now. What is under way goes on as it was begun.
    func use(_ environments: [EnvironmentFile]) {
        self.environments = Self.byName(environments)
        poke()
    }

    package var files: [EnvironmentFile] { Array(environments.values) }

    private static func byName(_ files: [EnvironmentFile]) -> [String: EnvironmentFile] {
        Dictionary(files.map { ($0.environment.name, $0) }) { first, _ in first }
    }

    /// Something may be due.
    package nonisolated func poke() { poked.yield() }

    /// Works until it is canceled. Rollouts that are under way then are left off, for the next daemon.
    func run() async throws {
        try await recover()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [changes, poked] in for await _ in changes.changes() { poked.yield() } }
            group.addTask { [self] in await lookFromTimeToTime() }
            group.addTask { [self] in await EnvironmentLook(desk: self).run() }
            group.addTask { [self] in
                await attempt("deployments are not looked after") { try await self.pass() }
                for await _ in pokes {
                    await attempt("deployments are not looked after") { try await self.pass() }
                }
            }
            await group.next()
            group.cancelAll()
        }
        let open = rollouts.values.map(\.task)
        for task in open { task.cancel() }
        for task in open { await task.value }
    }

    private func lookFromTimeToTime() async {
        while !Task.isCancelled {
            var pause = Self.interval
            // What cannot be read is tried again after the usual time.
            let open = (try? await database.openDeployments()) ?? []
            for next in open.compactMap(\.nextAt) {
                pause = min(pause, max(.milliseconds(50), .seconds(next.timeIntervalSinceNow)))
            }
            // Canceled, the loop ends.
            try? await Task.sleep(for: pause)
            poke()
        }
    }

    func attempt(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            // The daemon ends.
        } catch {
            logger.warning("\(what)", metadata: ["error": "\(Failure.words(error, state: state))"])
        }
    }

    // MARK: - A pass over all that is open

    private func pass() async throws {
        for wish in try await database.openWishes() {
            await attempt("a wish to deploy is not taken in") { try await self.take(wish) }
        }
        for row in try await database.openDeployments() {
            await attempt("a deployment is not looked at") { try await self.look(at: row) }
        }
        for row in try await database.unanswered() {
            await attempt("a run is not told of its deployment") { try await self.answer(row) }
        }
    }

    private func look(at row: DeploymentRow) async throws {
        if let run = row.run, row.cancelReason == nil, let reason = try await database.run(run)?.cancelReason {
            _ = try await cancel(row.id, reason: "run \(run) was canceled: \(reason)", actor: RunnerDatabase.itself)
            return
        }
        switch row.status {
        case .waiting: try await judge(row)
        case .running, .paused, .finished: break
        }
    }

    private func judge(_ waiting: DeploymentRow) async throws {
        let row = try await planAnew(waiting)
        guard let environment = Self.environment(of: row) else {
            try await database.finish(row.id, .errored, reason: "its environment's file cannot be read", isLive: false)
            return poke()
        }
        try await check(row, environment)
        let facts = try await facts().facts(of: row, in: environment, at: Date())
        switch GateDecision(row.kind == .deploy ? GateEvaluator.verdicts(facts) : GateEvaluator.rollbackVerdicts(facts))
        {
        case .open: try await begin(row, environment)
        case .waits(let reason, let next): try await database.wait(row.id, because: reason, until: next)
        case .refused(let reason):
            try await database.finish(row.id, .failed, reason: reason, isLive: false)
            poke()
        }
    }

    /// A file that was changed while a deployment waits makes another plan of it: who approved has approved another one.
    private func planAnew(_ row: DeploymentRow) async throws -> DeploymentRow {
        guard let file = environments[row.environment], file.text != row.definition else { return row }
        let plan = try await plan(row.kind, row.release, file)
        return try await database.replan(row.id, definition: file.text, plan: plan.text(), hash: plan.hash()) ?? row
    }

    /// Machine checks of the checklist that nobody made for this plan yet.
    private func check(_ row: DeploymentRow, _ environment: DeployEnvironment) async throws {
        guard row.kind == .deploy else { return }
        let marks = try await database.marks(of: row.id)
        for item in environment.protection.checklist {
            guard let script = item.check,
                !marks.contains(where: { $0.kind == .checked && $0.subject == item.name && $0.planHash == row.planHash }
                )
            else {
                continue
            }
            var facts = try await scriptFacts(environment)
            facts.merge(Self.releaseFacts(row)) { _, new in new }
            let end = try await shells(environment).shell(.local).run(script, environment: facts)
            try await database.add(
                GateMark(
                    deployment: row.id,
                    kind: .checked,
                    subject: item.name,
                    actor: RunnerDatabase.itself,
                    role: nil,
                    reason: end.lines.suffix(3).joined(separator: " / "),
                    isGood: end.status == 0,
                    planHash: row.planHash
                )
            )
        }
    }

    // MARK: - Rollouts

    private func begin(_ row: DeploymentRow, _ environment: DeployEnvironment) async throws {
        guard rollouts[row.id] == nil, !atWork.contains(row.environment) else { return }
        let live = try await database.live().first { $0.environment == row.environment }
        if row.kind == .deploy, let live, live.release.isSame(as: row.release),
            live.release.version == row.release.version
        {
            let reason = "it is live already, since deployment \(live.deployment)"
            try await database.finish(row.id, .succeeded, reason: reason, isLive: true)
            return poke()
        }
        let prepared: DeployRehearsal
        do {
            prepared = try await rehearsal(row.kind, row.release, environment, for: row)
        } catch {
            let reason = "cannot plan it: \(Failure.words(error, state: state))"
            try await database.finish(row.id, .errored, reason: reason, isLive: false)
            return poke()
        }
        // Since it was approved somebody else may have migrated.
        let planned = try row.savedPlan()?.migrations ?? []
        guard row.kind != .deploy || prepared.migrations == planned else {
            guard let file = environments[row.environment] else { return }
            let plan = try await plan(row.kind, row.release, file)
            _ = try await database.replan(row.id, definition: file.text, plan: plan.text(), hash: plan.hash())
            return poke()
        }
        if let problem = prepared.problem {
            try await database.finish(row.id, .failed, reason: problem, isLive: false)
            return poke()
        }
        let text = try String(decoding: JSON.encode(prepared.rollout), as: UTF8.self)
        guard try await database.begin(row.id, rollout: text, previous: live?.release.id) else { return }
        changes.notify()
        drive(row, environment, prepared.rollout)
    }

    func drive(_ row: DeploymentRow, _ environment: DeployEnvironment, _ rollout: Rollout) {
        let interruption = RolloutInterruption()
        if let reason = row.cancelReason { interruption.interrupt(reason) }
        let task = Task { [self] in
            await pausing(row) {
                let driver = RolloutDriver(
                    database: database,
                    deployment: row,
                    performer: try await performer(row, environment),
                    interruption: interruption,
                    logger: logger
                )
                _ = try await driver.run(rollout)
            }
            await ended(row, environment)
        }
        rollouts[row.id] = (task, interruption)
    }

    /// What cannot even be begun, as where a secret is gone, waits for a person: nothing else would ever go on with it.
    private func pausing(_ row: DeploymentRow, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch  where !Task.isCancelled {
            let reason = Failure.words(error, state: state)
            logger.error("a rollout stopped", metadata: ["deployment": "\(row.id)", "error": "\(reason)"])
            await attempt("a rollout that stopped is not written down") {
                guard var rollout = try await database.deployment(row.id)?.savedRollout() else { return }
                rollout.apply(.unknown(reason))
                try await database.save(
                    row.id,
                    status: .paused,
                    rollout: String(decoding: try JSON.encode(rollout), as: UTF8.self),
                    places: [],
                    reason: reason,
                    event: ("stopped", reason)
                )
            }
        } catch {
            // The daemon ends: the next one goes on.
        }
    }

    private func ended(_ row: DeploymentRow, _ environment: DeployEnvironment) async {
        rollouts[row.id] = nil
        poke()
        changes.notify()
        guard !Task.isCancelled else { return }
        await attempt("old releases stay on targets") {
            guard case .finished(.succeeded)? = try await database.deployment(row.id)?.status else { return }
            let performer = try await performer(row, environment)
            for target in environment.targets { try await performer.tidy(target.name) }
        }
    }

    /// Goes on with what an earlier daemon began.
    private func recover() async throws {
        for row in try await database.openDeployments() where row.status == .running {
            guard let environment = Self.environment(of: row), var rollout = try row.savedRollout() else {
                try await database.finish(
                    row.id,
                    .errored,
                    reason: "the daemon ended while it was under way, and what it did cannot be read",
                    isLive: false
                )
                continue
            }
            rollout.apply(.crashed(environment.onCrash))
            try await database.note("the daemon goes on with it", kind: "resumed", of: row.id)
            logger.info("rollout taken up again", metadata: ["deployment": "\(row.id)"])
            drive(row, environment, rollout)
        }
    }

    func interrupt(_ deployment: Int64, reason: String) { rollouts[deployment]?.interruption.interrupt(reason) }

    // MARK: - What rollouts are made of

    static func environment(of row: DeploymentRow) -> DeployEnvironment? {
        EnvironmentParser.parse(file: "\(row.environment).yml", bytes: Array(row.definition.utf8)).environment
    }

    func facts() -> DeployFacts { DeployFacts(database: database, mirror: mirror, environments: environments) }

    func performer(_ row: DeploymentRow, _ environment: DeployEnvironment) async throws -> StepPerformer {
        var facts = try await scriptFacts(environment)
        facts["RUNNER_DEPLOYMENT"] = "\(row.id)"
        let id = row.id
        let say: @Sendable (String) -> Void = { [database] line in
            // A line of the timeline that cannot be written is no reason to stop what is under way.
            Task { try? await database.note(line, kind: "output", of: id) }
        }
        return StepPerformer(
            environment: environment,
            deployment: row.id,
            kept: try await kept(row.release),
            facts: facts,
            shells: try await shells(environment),
            data: DataWork(environment: environment, database: database, state: state, facts: facts, say: say),
            migratedSince: try await migratedSince(row),
            earlier: { [self] in try await database.release($0).mapAsync { try await self.kept($0) } },
            say: say
        )
    }

    /// A release with its files, where they are still kept here.
    func kept(_ release: ReleaseRow) async throws -> StepPerformer.Kept {
        var files: FilePath?
        if let digest = Digest(release.artifactDigest) {
            let reference = ArtifactReference(name: release.artifactName, digest: digest, files: 0, bytes: 0)
            let store = ArtifactStore(state.artifacts)
            // One that is gone may still be on the targets.
            files = try? await BlockingThread.run { Result { try store.materialize(reference) } }.get()
        }
        return StepPerformer.Kept(release: DeployRelease(release), files: files)
    }

    /// Variables and secrets for the environment's scripts.
    func scriptFacts(_ environment: DeployEnvironment) async throws -> [String: String] {
        var facts = Dictionary(environment.variables.map { ($0.name, $0.value) }) { _, last in last }
        facts.merge(try await secrets.values(of: environment.secrets, for: environment.name)) { _, secret in secret }
        facts["RUNNER_ENVIRONMENT"] = environment.name
        return facts
    }

    func shells(_ environment: DeployEnvironment) async throws -> DeployShells {
        let values = try await secrets.values(of: environment.secrets, for: environment.name)
        let patterns = SecretPatterns(values.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value.utf8)) })
        return DeployShells(over: connections, hiding: patterns)
    }

    static func releaseFacts(_ row: DeploymentRow) -> [String: String] {
        [
            "RUNNER_VERSION": row.release.version, "RUNNER_COMMIT": row.release.commit, "RUNNER_REF": row.release.ref,
            "RUNNER_DEPLOYMENT": "\(row.id)",
        ]
    }
}

extension DeploymentRow {
    func savedPlan() throws -> DeployPlan? { try JSON.decode(DeployPlan.self, from: Data(plan.utf8)) }

    func savedRollout() throws -> Rollout? { try rollout.map { try JSON.decode(Rollout.self, from: Data($0.utf8)) } }
}

extension PlaceRow {
    func known() throws -> Fleet.Place? { try JSON.decode(Fleet.Place.self, from: Data(place.utf8)) }
}

extension Optional {
    fileprivate func mapAsync<Value>(_ body: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await body(self)
    }
}
