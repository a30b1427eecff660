import FoundationEssentials
import RunnerCore
import SystemPackage

extension EvictionShield {
    /// What the runs of a state directory need that have not ended, and the mirrors of watched repositories.
    package static func gather(_ state: StateDirectory, _ database: RunnerDatabase) async throws -> EvictionShield {
        var protection = EvictionShield()
        for repository in try await database.repositories() {
            protection.keep(mirror: repository.name, because: "the repository is watched")
        }
        let open = try await database.openRuns()
        for run in open {
            let reason = "run \(run.number) is \(run.status == .running ? "running" : "to run")"
            protection.keep(tree: run.event.tree, because: reason)
            if run.status == .running { protection.keepUsed(since: run.startedAt ?? run.createdAt) }
            protection.keep(state.run(run.number), reason)
            if let earlier = try await database.plan(of: run.number)?.selection.takesFrom {
                protection.keep(state.run(earlier), "run \(run.number) takes from it")
            }
        }
        for (digest, reason) in try await database.deployedArtifacts() {
            protection.keep(artifact: digest, because: reason)
        }
        let known = Set(open.map(\.number))
        // `runner local` may use the directory, too; it has no row.
        for name in FileSystem.names(in: state.runs) {
            guard let number = Int(name).flatMap(RunNumber.init), !known.contains(number) else { continue }
            let directory = state.run(number)
            // A lock that cannot be looked at may be held.
            guard !FileSystem.exists(directory.result), (try? directory.isSupervised()) ?? true else { continue }
            protection.keepUsed(since: EvictionInventory.time(directory.spec))
            protection.keep(directory, "run \(number) is running")
        }
        return protection
    }

    /// A run, with what its records name. What cannot be read names nothing.
    private mutating func keep(_ directory: RunDirectory, _ reason: String) {
        keep(run: directory.number, because: reason)
        if let spec = (try? JSON.recall(RunSpec.self, at: directory.spec)).flatMap(\.self) {
            keep(tree: spec.plan.event.tree, because: reason)
            if let mirror = spec.objects.lastComponent?.stem { keep(mirror: mirror, because: reason) }
        }
        for name in FileSystem.names(in: directory.path) {
            let stage = StageDirectory(directory.path.appending(name))
            guard FileSystem.isDirectory(stage.path) else { continue }
            let taken = (try? JSON.recall(StageSpec.self, at: stage.spec)).flatMap(\.self)?.takes ?? []
            let made = (try? JSON.recall(StageResult.self, at: stage.result)).flatMap(\.self)?.artifacts ?? []
            for artifact in taken.map(\.reference) + made { keep(artifact: artifact.digest, because: reason) }
        }
    }
}
