import RunnerCore
import SystemPackage

/// Migrations by scripts of the environment.
struct CommandMigrations {
    let commands: MigrationCommands
    let directory: FilePath
    let environment: [String: String]
    let work: BoundedWork
    let say: (String) -> Void

    func status() throws -> [Migration] {
        let end = try script(commands.status).succeed("cannot tell what was migrated", work) { _ in }
        return try StatusLines.read(end.output, isReversible: commands.down != nil)
    }

    /// Scripts do not say how long each migration took: each is said to have taken as long as all.
    func up(_ onEach: (String, Duration) -> Void) throws {
        let before = try status()
        guard before.contains(where: { !$0.isApplied }) else { return say("nothing to migrate") }
        let start = ContinuousClock.now
        _ = try script(commands.up).succeed("cannot migrate", work, onLine: say)
        let took = ContinuousClock.now - start
        let after = try status()
        let applied = Set(before.filter(\.isApplied).map(\.id))
        for migration in after where migration.isApplied && !applied.contains(migration.id) {
            onEach(migration.id, took)
        }
        try expect(after.filter { !$0.isApplied }, "cannot migrate", "`up` succeeded, yet `status` has as pending: ")
    }

    func down(to id: String?, _ onEach: (String, Duration) -> Void) throws {
        let what = "cannot go back to migration `\(id ?? "none")`"
        let taken = try MigrationOrder.after(id, of: try status(), what: what)
        guard !taken.isEmpty else { return }
        guard let down = commands.down else {
            throw RunnerError(.input, what, why: "`migrations` of the environment has no `down`")
        }
        let start = ContinuousClock.now
        var script = script(down)
        script.environment["RUNNER_MIGRATION"] = id ?? ""
        _ = try script.succeed(what, work, onLine: say)
        let took = ContinuousClock.now - start
        let left = try status().filter { migration in
            migration.isApplied && taken.contains { $0.id == migration.id }
        }
        try expect(left, what, "`down` succeeded, yet `status` has as applied: ")
        for migration in taken { onEach(migration.id, took) }
    }

    private func script(_ text: String) -> LocalScript {
        LocalScript(text: text, directory: directory, environment: environment, timeout: work.timeout)
    }

    private func expect(_ left: [Migration], _ what: String, _ words: String) throws {
        guard left.isEmpty else {
            throw RunnerError(.errored, what, why: words + left.map { "`\($0.id)`" }.joined(separator: ", "))
        }
    }
}
