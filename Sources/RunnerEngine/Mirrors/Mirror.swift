import FoundationEssentials
import Git
import RunnerCore
import RunnerStore
import SystemPackage

/// Our own bare repository of a watched one: reads all that runs need, and keeps it while they need it.
///
/// Of a repository on this machine it borrows the objects, so that a run starts at once, and makes those of runs its own in
/// the background. Of a remote it holds what was fetched. Nobody but us writes it; nothing is written into what we watch.
///
///     refs/remotes/origin/{heads,tags}/*   what a remote had when it was last fetched
///     refs/runner/runs/N                   the commit of run N, until retention lets it go
///     refs/runner/owned/N                  that commit, once all behind it is in our own packs
///     origin-head                          the branch that a remote calls its default
struct Mirror: Sendable {
    enum Origin: Sendable {
        case local(Repository)
        /// At a host, which is left alone for a while when it does not answer.
        case remote(host: String)
    }

    let name: String
    let origin: Origin
    let store: StoreRepository
    /// Of the watched repository where it is on this machine, else of the mirror itself.
    let location: RepositoryLocation

    static let pins = "refs/runner/runs/"
    static let owned = "refs/runner/owned/"
    static let fetched = "refs/remotes/origin/"
    /// What is fetched: moved as the remote moved it, forced or not.
    static let refspecs = ["+refs/heads/*:\(fetched)heads/*", "+refs/tags/*:\(fetched)tags/*"]

    /// Opens the mirror of a repository, or makes it: aside and renamed.
    static func open(_ definition: RepositoryDefinition, in state: StateDirectory) throws -> Mirror {
        let url: RepositoryURL
        do {
            url = try RepositoryURL(definition.url)
        } catch {
            throw RunnerError(
                .input,
                "cannot watch `\(definition.name)`",
                why: error.message,
                hint: RepositoryURL.forms
            )
        }
        do {
            if let path = url.localPath {
                let location = try RepositoryLocation(opening: FilePath(path))
                let store = try make(definition.name, borrowing: [location], in: state)
                return Mirror(
                    name: definition.name,
                    origin: .local(try Repository(at: location.gitDirectory)),
                    store: store,
                    location: location
                )
            }
            let store = try make(definition.name, borrowing: [], in: state)
            return Mirror(
                name: definition.name,
                origin: .remote(host: url.host ?? url.text),
                store: store,
                location: try RepositoryLocation(opening: store.path)
            )
        } catch let error as GitError {
            throw RunnerError(error, kind: .errored)
        }
    }

    static func path(_ name: String, in state: StateDirectory) -> FilePath {
        state.repositories.appending("\(name).git")
    }

    private static func make(
        _ name: String,
        borrowing locations: [RepositoryLocation],
        in state: StateDirectory
    ) throws -> StoreRepository {
        let path = path(name, in: state)
        let lock = try FileLock(state.repositories.appending("\(name).lock"), wait: true)
        defer { withExtendedLifetime(lock) {} }
        if !FileSystem.exists(path) {
            let aside = state.repositories.appending(".\(UniqueName.make())")
            _ = try StoreRepository(at: aside)
            try FileSystem.rename(aside, to: path)
        }
        do {
            return try StoreRepository(at: path, borrowing: locations)
        } catch {
            guard error.code != .diskRefuses, error.code != .notOwned else { throw error }
            // It may hold what nobody else has: it is put aside, not thrown away.
            try FileSystem.rename(path, to: FilePath("\(path.string).damaged-\(UniqueName.make())"))
            return try StoreRepository(at: path, borrowing: locations)
        }
    }

    var isLocal: Bool {
        switch origin {
        case .local: true
        case .remote: false
        }
    }

    /// What no stage may see: the repository that is watched.
    var ownDirectories: [FilePath] {
        switch origin {
        case .local:
            [location.workDirectory, location.commonDirectory].compactMap(\.self).filter { $0.components.count >= 2 }
        case .remote: []
        }
    }

    // MARK: - Refs

    /// Branches and tags: of a local repository as they are now, of a remote as they were fetched. A ref that is there and
    /// cannot be read is not gone: of a local repository it stays as it is in `known`; a mirror that has one is damaged,
    /// and this throws.
    func refs(known: RefSnapshot = RefSnapshot()) async throws -> RefSnapshot {
        let commits = Dictionary(known.refs.values.map { ($0.object, $0.commit) }) { first, _ in first }
        let reading: RefReading
        switch origin {
        case .local(let watched): reading = try await watched.branchesAndTags(known: commits)
        case .remote:
            reading = try await store.repository.branchesAndTags(below: Self.fetched)
            if let (name, cause) = reading.unreadable.min(by: { $0.key < $1.key }) {
                throw RunnerError(.errored, "cannot read `\(name)` in the mirror of \(self.name)", why: cause)
            }
        }
        var refs = reading.refs.mapValues { RefTarget(object: $0.object, commit: $0.commit) }
        for name in reading.unreadable.keys { refs[name] = known.refs[name] }
        return RefSnapshot(refs)
    }

    /// Full names of the branches that count as the default, the likeliest first.
    func defaultBranches() async -> [String] {
        let usual = ["refs/heads/main", "refs/heads/master", "refs/heads/develop"]
        switch origin {
        case .local(let watched):
            // A repository without a usable HEAD has the usual ones.
            let head = (try? await watched.head())?.branch
            return [head].compactMap(\.self) + usual
        case .remote:
            let head = (try? FileSystem.read(defaultBranchFile)).flatMap { $0 }.map {
                String(decoding: $0, as: UTF8.self)
            }
            return [head].compactMap(\.self) + usual
        }
    }

    /// Remembers what a remote calls its default branch.
    func setDefaultBranch(_ name: String) throws {
        let bytes = Data(name.utf8)
        guard try FileSystem.read(defaultBranchFile) != bytes else { return }
        try FileSystem.write(bytes, to: defaultBranchFile)
    }

    private var defaultBranchFile: FilePath { store.path.appending("origin-head") }

    // MARK: - Keeping

    /// Keeps a run's commit until `unpin`.
    func pin(_ commit: ObjectID?, run: RunNumber) async throws {
        guard let commit else { return }
        try await store.setReference(Self.pins + run.description, to: commit)
    }

    func unpin(_ run: RunNumber) async throws {
        try await store.removeReference(Self.pins + run.description)
        try await store.removeReference(Self.owned + run.description)
    }

    /// The commits that are kept, by run.
    func pinned() async throws -> [RunNumber: ObjectID] { try await numbered(Self.pins) }

    /// Those of them whose objects are all our own.
    func ownedCommits() async throws -> [RunNumber: ObjectID] { try await numbered(Self.owned) }

    private func numbered(_ prefix: String) async throws -> [RunNumber: ObjectID] {
        var found: [RunNumber: ObjectID] = [:]
        for (name, target) in try await store.repository.targets(below: prefix) {
            guard let number = Int(name.dropFirst(prefix.count)).flatMap(RunNumber.init) else { continue }
            found[number] = target
        }
        return found
    }

    /// Whether every ref leads to a commit whose tree can be read: what a damaged pack does not let through.
    func isSound() async -> Bool {
        do {
            for (name, target) in try await store.repository.targets(below: "refs/") {
                guard try await store.contains(target) else { return false }
                guard name.hasPrefix("\(Self.fetched)heads/") else { continue }
                _ = try await store.repository.entries(ofTree: store.repository.commit(target).tree)
            }
            return true
        } catch {
            return false
        }
    }
}
