import RunnerCore
import RunnerStore
import SystemPackage

/// Alembic, from a virtual environment in its directory, from `PATH`, or as a module of `python3`.
struct AlembicMigrations {
    let directory: FilePath
    let environment: [String: String]
    let work: BoundedWork
    let say: (String) -> Void

    /// The release must know what the database has: alembic cannot place revisions without their files.
    func status() throws -> [Migration] {
        let history = try history()
        let current = try alembic("current", "cannot tell what was migrated") { _ in }
        return try history.migrations(current: current.output)
    }

    /// Of the release alone: the database is not asked.
    func history() throws -> AlembicHistory {
        try AlembicHistory(alembic("history --verbose", "cannot read the migrations") { _ in }.output)
    }

    func up(_ onEach: (String, Duration) -> Void) throws {
        let before = try status()
        guard before.contains(where: { !$0.isApplied }) else { return say("nothing to migrate") }
        var steps = StepTimes()
        _ = try alembic("upgrade head", "cannot migrate") { line in
            steps.hear(line)
            say(line)
        }
        steps.finish()
        let applied = Set(before.filter(\.isApplied).map(\.id))
        let new = try status().filter { $0.isApplied && !applied.contains($0.id) }
        for migration in new { onEach(migration.id, steps.took(migration.id)) }
    }

    func down(to id: String?, _ onEach: (String, Duration) -> Void) throws {
        let what = "cannot go back to migration `\(id ?? "base")`"
        let taken = try MigrationOrder.after(id, of: try status(), what: what)
        guard !taken.isEmpty else { return }
        var steps = StepTimes()
        _ = try alembic("downgrade \"$RUNNER_MIGRATION\"", what, revision: id ?? "base") { line in
            steps.hear(line)
            say(line)
        }
        steps.finish()
        for migration in taken { onEach(migration.id, steps.took(migration.id)) }
    }

    private func alembic(
        _ arguments: String,
        _ what: String,
        revision: String = "",
        onLine: (String) -> Void
    ) throws -> ScriptEnd {
        guard FileSystem.isDirectory(directory) else {
            throw RunnerError(
                .input,
                what,
                why: "the artifact has no directory `\(directory.lastComponent?.string ?? "")`",
                hint: "look at `migrations` of the environment, and at what the pipeline keeps as artifact"
            )
        }
        let text = """
            alembic() {
                if [ -x .venv/bin/python ]; then .venv/bin/python -m alembic "$@"
                elif type -P alembic > /dev/null; then command alembic "$@"
                else python3 -m alembic "$@"
                fi
            }
            alembic \(arguments)
            """
        var environment = environment
        environment["RUNNER_MIGRATION"] = revision
        environment["PYTHONUNBUFFERED"] = "1"
        let script = LocalScript(text: text, directory: directory, environment: environment, timeout: work.timeout)
        return try script.succeed(what, work, onLine: onLine)
    }
}

/// When each revision was begun, as alembic says where its log is on. Without that each takes as long as all.
private struct StepTimes {
    private let start = ContinuousClock.now
    private var end = ContinuousClock.now
    private var begun: [(id: String, at: ContinuousClock.Instant)] = []

    mutating func hear(_ line: String) {
        guard let match = line.firstMatch(of: /Running (?:upgrade (?:.*?)-> (\w+)|downgrade (\w+) -> )/) else { return }
        if let id = match.output.1 ?? match.output.2 { begun.append((String(id), .now)) }
    }

    mutating func finish() { end = .now }

    func took(_ id: String) -> Duration {
        guard let index = begun.firstIndex(where: { $0.id == id }) else { return end - start }
        let next = index + 1 < begun.count ? begun[index + 1].at : end
        return next - begun[index].at
    }
}
