import Deployments
import FoundationEssentials
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// What is done to an environment's data: migrations and backups, each written down where it was done.
struct DataWork: Sendable {
    let environment: DeployEnvironment
    let database: RunnerDatabase
    let state: StateDirectory
    /// Variables of the environment and its secrets.
    let facts: [String: String]
    let say: @Sendable (String) -> Void

    // MARK: - Migrations

    /// What is not applied yet; nothing where the environment has no migrations, or the release no files.
    func pending(_ kept: StepPerformer.Kept) async throws -> [Migration] {
        guard let run = migrations(kept) else { return [] }
        return try await run.status().filter { !$0.isApplied }
    }

    /// Every migration that the release or the database knows.
    func status(_ kept: StepPerformer.Kept) async throws -> [Migration] { try await migrations(kept)?.status() ?? [] }

    /// Applies them, and notes each as soon as it is known to be.
    func migrate(_ kept: StepPerformer.Kept, for deployment: Int64) async throws {
        guard let run = migrations(kept) else { return }
        let known = try await run.status()
        let (done, noted) = AsyncStream.makeStream(of: (id: String, took: Duration).self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await one in done { try await note(one.id, one.took, known, deployment, isBack: false) }
            }
            do {
                defer { noted.finish() }
                try await run.up { noted.yield((id: $0, took: $1)) }
            }
            try await group.waitForAll()
        }
    }

    /// Takes back what came after the migrations that were applied before a deployment.
    func migrateBack(_ kept: StepPerformer.Kept, since deployment: Int64) async throws {
        guard let run = migrations(kept) else { return }
        let known = try await run.status()
        let since = try await applied(since: deployment)
        guard let first = known.firstIndex(where: { $0.isApplied && since.contains($0.id) }) else { return }
        let target = known[..<first].last { $0.isApplied }?.id
        let (done, noted) = AsyncStream.makeStream(of: (id: String, took: Duration).self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await one in done { try await note(one.id, one.took, known, deployment, isBack: true) }
            }
            do {
                defer { noted.finish() }
                try await run.down(to: target) { noted.yield((id: $0, took: $1)) }
            }
            try await group.waitForAll()
        }
    }

    /// Whether the release that was live after `deployment` can run on the database of now.
    func safety(
        _ live: StepPerformer.Kept,
        for release: StepPerformer.Kept,
        since deployment: Int64
    ) async throws -> MigrationSafety {
        guard let run = migrations(live) else { return .safe(staying: []) }
        let all = try await run.status()
        let since = try await applied(since: deployment)
        // What its own files say; where those are gone, what was applied when it was live.
        let known =
            try await migrations(release)?.known() ?? all.filter { $0.isApplied && !since.contains($0.id) }.map(\.id)
        let first = try await database.migrations(of: environment.name, since: deployment).map(\.at).min()
        let backup = try await database.backups(of: environment.name)
            .first { $0.verifyProblem == nil && $0.createdAt <= first ?? .distantPast }
        return MigrationSafety.judge(all, known: known, backup: backup.map { "\($0.id)" })
    }

    /// Whether going back, should the release fail, takes these back.
    static func takesBack(_ pending: [Migration]) -> Bool {
        pending.contains { $0.kind != .expand } && pending.allSatisfy(\.isReversible)
    }

    private func applied(since deployment: Int64) async throws -> Set<String> {
        var applied: Set<String> = []
        // The oldest first.
        for row in try await database.migrations(of: environment.name, since: deployment).reversed() {
            if row.isBack { applied.remove(row.migration) } else { applied.insert(row.migration) }
        }
        return applied
    }

    private func migrations(_ kept: StepPerformer.Kept) -> MigrationRun? {
        guard let settings = environment.migrations, let files = kept.files else { return nil }
        return MigrationRun(
            settings: settings,
            artifact: files,
            environment: facts,
            version: kept.release.version,
            say: say
        )
    }

    private func note(
        _ id: String,
        _ took: Duration,
        _ known: [Migration],
        _ deployment: Int64,
        isBack: Bool
    ) async throws {
        let migration = known.first { $0.id == id }
        try await database.add(
            MigrationRow(
                migration: id,
                checksum: migration?.checksum ?? "",
                kind: (migration?.kind ?? .plain).rawValue,
                isReversible: migration?.isReversible ?? false,
                isBack: isBack,
                seconds: took.seconds,
                deployment: deployment
            ),
            of: environment.name
        )
        say("\(isBack ? "took back" : "applied") \(id) in \(took.words)")
    }

    // MARK: - Backups

    /// Makes one and, where the environment has a script for it, tries it out.
    @discardableResult
    func backUp(because cause: String) async throws -> BackupRow? {
        guard let run = backups else { return nil }
        let id = "\(environment.name)-\(Int(Date().timeIntervalSince1970 * 1000))"
        let made = try await run.create(id)
        var row = BackupRow(
            environment: environment.name,
            cause: cause,
            handle: made.id,
            isFile: false,
            bytes: 0,
            digest: "",
            seconds: made.seconds
        )
        switch made.place {
        case .file(let bytes, let digest): (row.isFile, row.bytes, row.digest) = (true, bytes, digest)
        // What it is called here, and there.
        case .handle(let handle): row.handle = "\(made.id) \(handle)"
        }
        row.id = try await database.add(row)
        say("backup \(row.id): \(made.id)")
        return row
    }

    /// What trying a backup out shows; `nil` where nothing can.
    func verify(_ row: BackupRow) async throws -> Double? {
        guard let run = backups else { return nil }
        do {
            guard let seconds = try await run.verify(row.made) else { return nil }
            try await database.noteVerified(row.id, problem: nil)
            return seconds
        } catch let error as RunnerError {
            try await database.noteVerified(row.id, problem: error.why ?? error.what)
            throw error
        }
    }

    func restore(_ row: BackupRow) async throws { try await backups?.restore(row.made) }

    func remove(_ row: BackupRow) async throws {
        try await backups?.remove(row.made)
        try await database.noteRemoved(row.id)
    }

    private var backups: BackupRun? {
        environment.backup.map {
            BackupRun(
                settings: $0,
                directory: state.path.appending("backups").appending(environment.name),
                environment: facts,
                say: say
            )
        }
    }
}

extension BackupRow {
    var made: BackupMade {
        let names = handle.split(separator: " ", maxSplits: 1).map(String.init)
        return BackupMade(
            id: names.first ?? handle,
            place: isFile ? .file(bytes: bytes, digest: digest) : .handle(names.last ?? handle),
            seconds: seconds
        )
    }
}
