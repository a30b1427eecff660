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
        // What is left of it is swept away some day.
        defer { try? TreeRemoval.remove(aside) }
        let store = try StoreRepository(at: aside)
        _ = try await pool.fetch(definition, into: aside, refspecs: Mirror.refspecs, isInitial: true, prune: false)
        try renamePacks(of: aside)
        // A damaged mirror may not even be able to list its pins.
        for (run, commit) in (try? await damaged.pinned()) ?? [:] where try await store.contains(commit) {
            try await store.setReference(Mirror.pins + run.description, to: commit)
        }
        try await swap(aside)
        return try Mirror.open(definition, in: state)
    }

    /// Gives packs a name of their own. libgit2 keeps opened packs by path for all repositories of a process, and what was
    /// fetched anew is often the same pack again: under its old name its damaged namesake would be read.
    private func renamePacks(of mirror: FilePath) throws {
        let folder = mirror.appending("objects").appending("pack")
        let mark = UniqueName.make().filter(\.isHexDigit).prefix(8)
        let names = FileSystem.names(in: folder).filter { $0.hasPrefix("pack-") }
        // The index last: with it the pack is there.
        for name in names.sorted(by: { !$0.hasSuffix(".idx") && $1.hasSuffix(".idx") }) {
            try FileSystem.rename(folder.appending(name), to: folder.appending("pack-\(mark)\(name.dropFirst(5))"))
        }
    }

    /// Under the mirror's lock, which opening it takes again.
    private func swap(_ aside: FilePath) async throws {
        let place = Mirror.path(definition.name, in: state)
        let lock = try await FileLock.take(state.repositories.appending("\(definition.name).lock"))
        defer { withExtendedLifetime(lock) {} }
        let away = state.repositories.appending(".\(UniqueName.make())")
        try FileSystem.rename(place, to: away)
        try FileSystem.rename(aside, to: place)
        try TreeRemoval.remove(away)
    }
}
