import FoundationEssentials
import Git
import Logging
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// Looks at remote repositories, each in its time: fetches what is new into its mirror and hands the refs on. One task for
/// all of them; the network is the helpers' business.
actor RemotePoller {
    private struct Entry {
        var desk: RepositoryDesk
        var host: String
        var schedule: PollSchedule
        var isLooking = false
        /// Not looked at with success since it was opened or failed: its mirror is checked first.
        var isSuspect = true
        /// Continued when the look that was asked for has ended.
        var waiting: [CheckedContinuation<Void, any Error>] = []
    }

    private let pool: GitHelperPool
    private let database: RunnerDatabase
    private let state: StateDirectory
    private let logger: Logger
    /// Told of a mirror that took another's place.
    private let onReplacement: @Sendable (RepositoryID, Mirror) -> Void
    private let start = ContinuousClock.now
    private var entries: [RepositoryID: Entry] = [:]
    private var hosts: [String: HostPause] = [:]
    /// Owned by the loop, which replaces and cancels it.
    private var alarm: Task<Void, Never>?
    private let wakes: AsyncStream<Void>
    private let woken: AsyncStream<Void>.Continuation
    /// So many looks are under way at most; the pool has fewer helpers, the rest waits for one.
    private static let looks = 16
    /// At one host: one that does not answer takes no more than these from the others.
    private static let looksPerHost = 2

    init(
        pool: GitHelperPool,
        database: RunnerDatabase,
        state: StateDirectory,
        logger: Logger,
        onReplacement: @escaping @Sendable (RepositoryID, Mirror) -> Void
    ) {
        self.pool = pool
        self.database = database
        self.state = state
        self.logger = logger
        self.onReplacement = onReplacement
        (wakes, woken) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Watches a repository from now on; a fresh one is looked at at once.
    func put(_ desk: RepositoryDesk, host: String) {
        let schedule = PollSchedule(interval: desk.record.definition.poll, start: now)
        entries[desk.record.id] = Entry(desk: desk, host: host, schedule: schedule)
        woken.yield()
    }

    func remove(_ id: RepositoryID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        for waiting in entry.waiting { waiting.resume() }
    }

    /// There may be something new.
    func hint(_ id: RepositoryID) {
        entries[id]?.schedule.hint(at: now)
        woken.yield()
    }

    /// Looks now and returns when that is done.
    func look(_ id: RepositoryID) async throws {
        guard entries[id] != nil else { return }
        try await withCheckedThrowingContinuation { continuation in
            entries[id]?.waiting.append(continuation)
            entries[id]?.schedule.hint(at: now)
            woken.yield()
        }
    }

    /// Looks until it is canceled.
    func run() async {
        await withDiscardingTaskGroup { group in
            var iterator = wakes.makeAsyncIterator()
            repeat {
                for id in due() { group.addTask { [self] in await lookOnce(id) } }
                setAlarm(for: entries.values.filter { !$0.isLooking }.map(\.schedule.next).min())
            } while await iterator.next() != nil
        }
        alarm?.cancel()
        for id in entries.keys { entries[id]?.waiting.forEach { $0.resume(throwing: CancellationError()) } }
        entries = [:]
    }

    private var now: Duration { ContinuousClock.now - start }

    private func due() -> [RepositoryID] {
        for (id, entry) in entries where entry.schedule.next <= now {
            guard let pause = hosts[entry.host]?.until, pause > now else { continue }
            entries[id]?.schedule.fail(until: pause)
        }
        var busy: [String: Int] = [:]
        for entry in entries.values where entry.isLooking { busy[entry.host, default: 0] += 1 }
        var free = Self.looks - busy.values.reduce(0, +)
        var due: [RepositoryID] = []
        let candidates = entries.filter { !$0.value.isLooking && $0.value.schedule.next <= now }
        for (id, entry) in candidates.sorted(by: { $0.value.schedule.next < $1.value.schedule.next }) {
            guard free > 0 else { break }
            guard busy[entry.host, default: 0] < Self.looksPerHost else { continue }
            busy[entry.host, default: 0] += 1
            free -= 1
            due.append(id)
            entries[id]?.isLooking = true
            entries[id]?.schedule.begin(at: now)
        }
        return due
    }

    /// Wakes the loop when the next look is due.
    private func setAlarm(for next: Duration?) {
        alarm?.cancel()
        guard let next else { return }
        let pause = max(.milliseconds(1), next - now)
        alarm = Task { [woken] in
            // An alarm that is canceled has been replaced.
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            woken.yield()
        }
    }

    private func lookOnce(_ id: RepositoryID) async {
        guard let entry = entries[id] else { return }
        let desk = entry.desk
        let outcome: Result<Void, any Error>
        do {
            let note = try await update(desk, isSuspect: entry.isSuspect)
            try await database.noteLook(at: id, problem: nil, transport: note)
            RunMeters.looked(hasSucceeded: true)
            outcome = .success(())
        } catch {
            RunMeters.looked(hasSucceeded: false)
            outcome = .failure(error)
        }
        await end(id, desk, outcome)
    }

    /// Fetches what is new, and lets the desk take it in. Returns which transport served, and why.
    private func update(_ desk: RepositoryDesk, isSuspect: Bool) async throws -> String {
        let definition = desk.record.definition
        let mirror = isSuspect ? try await soundMirror(of: desk) : desk.source
        let listing = try await pool.list(definition)
        var note = "\(listing.transport): \(listing.because)"
        if let branch = listing.defaultBranch { try mirror.setDefaultBranch(branch) }
        let present = try await mirror.refs()
        if present != listing.refs {
            let lock = try await FileLock.take(state.repositories.appending("\(mirror.name).lock"))
            defer { withExtendedLifetime(lock) {} }
            let answer = try await pool.fetch(
                definition,
                into: mirror.store.path,
                refspecs: Mirror.refspecs,
                isInitial: present.refs.isEmpty,
                prune: true
            )
            note = "\(answer.transport): \(answer.because)"
        }
        try await desk.take(mirror.refs())
        return note
    }

    /// The desk's mirror; where its objects turn out to be damaged, another one made aside, which takes its place once it
    /// has everything. Until then the old one serves as far as it can.
    private func soundMirror(of desk: RepositoryDesk) async throws -> Mirror {
        let mirror = desk.source
        guard await !mirror.isSound() else { return mirror }
        let record = desk.record
        logger.error("a mirror is damaged: making it anew", metadata: ["repository": "\(record.name)"])
        let fresh = try await MirrorRebuild(definition: record.definition, state: state, pool: pool).run(
            replacing: mirror
        )
        desk.replaceSource(fresh)
        onReplacement(record.id, fresh)
        logger.info("a mirror was made anew", metadata: ["repository": "\(record.name)"])
        return fresh
    }

    private func end(_ id: RepositoryID, _ desk: RepositoryDesk, _ outcome: Result<Void, any Error>) async {
        var problem: (any Error)?
        if case .failure(let error) = outcome {
            problem = error
            let words = Failure.words(error, state: state)
            logger.warning(
                "cannot look at a repository",
                metadata: ["repository": "\(desk.record.name)", "error": "\(words)"]
            )
            // What cannot be written down stands in the log.
            try? await database.noteLook(at: id, problem: words)
        }
        guard var entry = entries[id] else { return }
        let chance = Double.random(in: 0..<1)
        var host = hosts[entry.host] ?? HostPause()
        if problem == nil {
            host.succeed()
            entry.schedule.succeed(at: now, chance: chance)
        } else {
            host.fail(at: now, chance: chance)
            entry.schedule.fail(until: max(host.until, now + min(entry.schedule.interval, PollSchedule.firstPause)))
        }
        hosts[entry.host] = host
        entry.isLooking = false
        entry.isSuspect = problem != nil
        let waiting = entry.waiting
        entry.waiting = []
        entries[id] = entry
        for continuation in waiting { continuation.resume(with: problem.map { .failure($0) } ?? .success(())) }
        woken.yield()
    }
}
