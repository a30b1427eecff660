import Git
import RunnerCore
import RunnerStore
import SystemPackage

/// Makes the mirror of a remote anew, aside, while the damaged one serves; then puts it in its place.
struct MirrorRebuild: Sendable {
    let definition: RepositoryDefinition
    let state: StateDirectory
    let pool: GitHelperPool

    /// The mirror in its place. The damaged one is removed only then; pins whose commits the remote does not have any more
    /// are lost with it.
    func run(replacing damaged: Mirror) async throws -> Mirror {
        let aside = state.repositories.appending(".\(UniqueName.make())")
        defer { try? TreeRemoval.remove(aside) }
        let store = try StoreRepository(at: aside)
        _ = try await pool.fetch(definition, into: aside, refspecs: Mirror.refspecs, isInitial: true, prune: false)
        // A damaged mirror may not even be able to list its pins.
        for (run, commit) in (try? await damaged.pinned()) ?? [:] where try await store.contains(commit) {
            try await store.setReference(Mirror.pins + run.description, to: commit)
        }
        let place = Mirror.path(definition.name, in: state)
        let lock = try await FileLock.take(state.repositories.appending("\(definition.name).lock"))
        defer { withExtendedLifetime(lock) {} }
        let away = state.repositories.appending(".\(UniqueName.make())")
        try FileSystem.rename(place, to: away)
        try FileSystem.rename(aside, to: place)
        try TreeRemoval.remove(away)
        return try Mirror.open(definition, in: state)
    }
}
