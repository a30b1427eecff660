import FoundationEssentials
import Git
import Logging
import RunnerCore
import RunnerStore
import Synchronization
import SystemPackage

/// One watched repository: looks at its refs, writes down what moved, and turns that into runs. Looks come one after the
/// other, so that a repository's events are handled in the order in which its refs moved.
actor RepositoryDesk {
    nonisolated let record: RepositoryRecord
    private let database: RunnerDatabase
    private nonisolated let mirrorNow: Mutex<Mirror>
    private let logger: Logger
    /// Told of runs that are due, with their plans.
    private let onRuns: @Sendable ([RunNumber]) -> Void

    /// As last written down; `nil` before the first look.
    private var known: RefSnapshot?
    private var isSeen = false
    private var isLooking = false
    private var isAskedAgain = false

    init(
        _ record: RepositoryRecord,
        mirror: Mirror,
        database: RunnerDatabase,
        logger: Logger,
        onRuns: @escaping @Sendable ([RunNumber]) -> Void
    ) {
        self.record = record
        mirrorNow = Mutex(mirror)
        self.database = database
        self.onRuns = onRuns
        var logger = logger
        logger[metadataKey: "repository"] = "\(record.name)"
        self.logger = logger
    }

    nonisolated var source: Mirror { mirrorNow.withLock { $0 } }

    /// From now on this one serves: the one before was damaged.
    nonisolated func replaceSource(_ mirror: Mirror) { mirrorNow.withLock { $0 = mirror } }

    /// Looks at a local repository's refs, now. While a look is under way, one more follows it.
    func look() async throws {
        isAskedAgain = true
        guard !isLooking else { return }
        isLooking = true
        defer { isLooking = false }
        while isAskedAgain {
            isAskedAgain = false
            try await take(source.refs(known: known ?? RefSnapshot()))
        }
    }

    /// Takes in what the refs are now: writes down what moved and handles it.
    func take(_ snapshot: RefSnapshot) async throws {
        if known == nil {
            let state = try await database.refs(of: record.id)
            known = state.snapshot
            isSeen = state.isSeen
            try await handleOpenEvents()
        }
        let old = known ?? RefSnapshot()
        guard old != snapshot || !isSeen else { return }
        let objects = source.store.repository
        var forced: Set<[ObjectID]> = []
        for (name, target) in snapshot.refs where name.hasPrefix("refs/heads/") {
            guard let before = old.refs[name], before.commit != target.commit else { continue }
            guard try await !objects.isAncestor(before.commit, of: target.commit) else { continue }
            forced.insert([before.commit, target.commit])
        }
        let changes = RefComparison.changes(from: old, to: snapshot) { !forced.contains([$0, $1]) }
        let events = try await database.record(changes, of: record.id, isFirstSight: !isSeen)
        known = snapshot
        isSeen = true
        for event in events { try await handle(event) }
    }

    /// What a crash left between seeing and handling.
    private func handleOpenEvents() async throws {
        for event in try await database.openRefEvents(of: record.id) { try await handle(event) }
    }

    private func handle(_ event: RefEventRecord) async throws {
        let planning = EventPlanning(repository: record.definition, objects: source.store.repository)
        let answer: EventPlanning.Answer
        do {
            answer = try await planning.answer(event)
        } catch let error as GitError where error.code == .notFound {
            answer = EventPlanning.Answer(verdict: "its objects are gone: \(error.message)")
        }
        let runs = try await database.handle(event, verdict: answer.verdict, runs: answer.runs)
        logger.info(
            "ref moved",
            metadata: [
                "ref": "\(event.change.ref)", "kind": "\(event.change.kind.rawValue)", "verdict": "\(answer.verdict)",
                "runs": "\(runs.map(\.description).joined(separator: " "))",
            ]
        )
        if let reason = answer.cancelsPending {
            try await database.cancelPending(of: record.id, ref: event.change.ref, reason: reason)
        }
        onRuns(runs)
        // Before the ref may move on and its objects be cleaned up; a run in a queue may wait for long.
        do {
            for run in runs { try await source.pin(event.change.new?.commit, run: run) }
        } catch {
            logger.warning("a run's commit is not kept", metadata: ["runs": "\(runs)", "error": "\(error)"])
        }
    }
}
