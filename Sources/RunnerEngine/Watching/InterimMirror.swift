import Git
import RunnerCore
import RunnerStore
import SystemPackage

struct Mirror: Sendable {
    let watched: Repository
    let location: RepositoryLocation
    let store: StoreRepository
    init(name: String, path: FilePath, state: StateDirectory) throws {
        location = try RepositoryLocation(opening: path)
        watched = try Repository(at: path)
        store = try StoreRepository(at: state.repositories.appending("\(name).git"), borrowing: [location])
    }
    var ownDirectories: [FilePath] { [location.commonDirectory] }
    func pin(_ c: ObjectID?, run: RunNumber) async throws {}
    func defaultBranches() async -> [String] { ["refs/heads/main", "refs/heads/master", "refs/heads/develop"] }
    func refs() async throws -> RefSnapshot {
        var refs: [String: RefTarget] = [:]
        for r in try await watched.references() where r.name.hasPrefix("refs/heads/") || r.name.hasPrefix("refs/tags/") {
            if let c = r.commit { refs[r.name] = RefTarget(object: r.target, commit: c) }
        }
        return RefSnapshot(refs)
    }
}
