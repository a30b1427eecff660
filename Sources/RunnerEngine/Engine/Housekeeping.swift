import FoundationEssentials
import Git
import Logging
import RunnerCore
import RunnerExecution
import RunnerStore

/// What the daemon does from time to time: starts what the clock asks for, looks whether there is room for new work,
/// takes away what is too old or too much, keeps what runs need.
actor Housekeeping {
    private let database: RunnerDatabase
    private let state: StateDirectory
    private let clock: ScheduleClock
    private let logger: Logger
    private let mirrors: DeskTable
    private let scheduler: RunScheduler
    private var options: ServerOptions
    private var keepFailed: Duration
    /// Of the runs, when their objects were last kept.
    private var lastChange: Int64?
    private var lastEviction: ContinuousClock.Instant?

    /// A schedule's finest step is a minute.
    private static let interval = Duration.seconds(20)
    private static let evictionInterval = Duration.seconds(600)
    /// How often a disk that is short is cleaned up again.
    private static let hurriedInterval = Duration.seconds(60)

    init(
        database: RunnerDatabase,
        configuration: RunnerConfiguration,
        state: StateDirectory,
        logger: Logger,
        mirrors: DeskTable,
        scheduler: RunScheduler
    ) {
        self.database = database
        self.state = state
        self.logger = logger
        self.mirrors = mirrors
        self.scheduler = scheduler
        clock = ScheduleClock(database: database, logger: logger)
        options = configuration.server
        keepFailed = configuration.keepFailedWorkspaces
    }

    func use(_ configuration: RunnerConfiguration) {
        options = configuration.server
        keepFailed = configuration.keepFailedWorkspaces
    }

    /// Works until it is canceled. What goes wrong is told, and tried again.
    func run() async throws {
        while true {
            await attempt("room is not looked after") { try await self.lookAfterRoom() }
            await attempt("layers of caches are not merged") { try await self.mergeCaches() }
            await scheduler.lookAgain()
            let newest = try await database.newestChange()
            for record in await records() {
                guard let mirror = mirrors.mirror(of: record.id) else { continue }
                await attempt("schedules are not read", record.name) { try await self.fireSchedules(record, mirror) }
                // Without a change of any run there is nothing new to keep.
                guard newest != lastChange else { continue }
                await attempt("objects are not kept", record.name) { try await self.keepObjects(record, mirror) }
            }
            lastChange = newest
            try await Task.sleep(for: Self.interval)
        }
    }

    private func attempt(_ what: String, _ repository: String? = nil, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            // The daemon ends.
        } catch {
            var metadata: Logger.Metadata = ["error": "\(Failure.words(error, state: state))"]
            if let repository { metadata["repository"] = "\(repository)" }
            logger.warning("\(what)", metadata: metadata)
        }
    }

    private func records() async -> [RepositoryRecord] {
        do {
            return try await database.repositories()
        } catch is CancellationError {
            return []
        } catch {
            logger.error("repositories are not read", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func fireSchedules(_ record: RepositoryRecord, _ mirror: Mirror) async throws {
        let runs = try await clock.fire(record, mirror, now: Date())
        guard !runs.isEmpty else { return }
        logger.info("schedule fired", metadata: ["repository": "\(record.name)", "runs": "\(runs)"])
        scheduler.poke()
    }

    /// Makes what runs need our own, and lets go of what was kept for runs that are gone.
    private func keepObjects(_ record: RepositoryRecord, _ mirror: Mirror) async throws {
        let pinned = try await mirror.pinned()
        guard !pinned.isEmpty else { return }
        let known = try await database.existing(runs: Array(pinned.keys))
        for run in pinned.keys where !known.contains(run) { try await mirror.unpin(run) }
        let count = try await ObjectOwnership(mirror: mirror).run()
        guard count > 0 else { return }
        logger.debug("objects made our own", metadata: ["repository": "\(record.name)", "commits": "\(count)"])
    }

    /// What supervisors did not get to that were killed.
    private func mergeCaches() async throws {
        let merging = CacheMerging(state)
        let notes = try await BlockingThread.run { Result { try merging.run() } }.get()
        for note in notes { logger.debug("caches looked after", metadata: ["note": "\(note)"]) }
    }

    // MARK: - Room

    private func lookAfterRoom() async throws {
        let problem = try DiskSpace.check(state, minimumFree: options.minimumFree)
        let pause = problem == nil ? Self.evictionInterval : Self.hurriedInterval
        if lastEviction.map({ ContinuousClock.now - $0 >= pause }) ?? true {
            lastEviction = .now
            let report = try await Eviction(state, database, options).run(isDryRun: false)
            tell(report)
            for note in WorkSweep(state, keep: keepFailed).run() {
                logger.warning("not swept", metadata: ["note": "\(note)"])
            }
        }
        await scheduler.hold("disk", try DiskSpace.check(state, minimumFree: options.minimumFree))
    }

    private func tell(_ report: EvictionReport) {
        for problem in report.problems { logger.warning("not cleaned up", metadata: ["problem": "\(problem)"]) }
        guard !report.removed.isEmpty else { return }
        logger.info(
            "cleaned up",
            metadata: ["items": "\(report.removed.count)", "bytes": "\(report.removedBytes)"]
        )
    }
}
