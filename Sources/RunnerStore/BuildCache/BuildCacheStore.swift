import Glibc
package import RunnerCore
import SystemPackage

/// What build tools keep for one repository, below `layers/build-cache/SCOPE/`:
///
///     cas/                 a BlobStore: all bytes, those of actions too
///     ac/LEVEL/ab/KEY      an action (Action): which bytes; LEVEL is the trust in the ref whose run kept it
///     aside/               what is on its way in or out; all that a kill leaves
///
/// The time of each file says when it was used last.
package struct BuildCacheStore: Sendable {
    private let root: FilePath
    private let blobs: BlobStore
    private let trust: RefTrust

    /// An entry of `ac/`.
    struct Action: Codable {
        var key: Digest
        var digest: Digest
        var bytes: Int64
    }

    /// `repository` is told apart by its name: who knows a digest must not get another's bytes.
    package init(_ state: StateDirectory, repository: String, trust: RefTrust) {
        root = Self.folder(in: state).appending(Digest.sha256(repository).description)
        blobs = BlobStore(root.appending("cas"))
        self.trust = trust
    }

    static func folder(in state: StateDirectory) -> FilePath { state.layers.appending("build-cache") }

    private var aside: FilePath { root.appending("aside") }

    /// Room for what is sent.
    package func receive() throws -> IncomingBody {
        try FileSystem.makeDirectories(aside)
        return try IncomingBody(at: aside.appending(UniqueName.make()))
    }

    /// Keeps what came whole. False, and nothing kept, where content is not what its name says.
    package func keep(_ body: IncomingBody, as entry: BuildCacheEntry) throws -> Bool {
        if entry.kind == .content, body.digest != entry.key { return false }
        let kept = try blobs.put(body.path)
        guard entry.kind == .action else { return kept.digest == entry.key }
        let path = path(entry.key, trust)
        try FileSystem.makeDirectories(path.removingLastComponent())
        try JSON.write(Action(key: entry.key, digest: kept.digest, bytes: kept.bytes), to: path)
        return true
    }

    /// What is kept for somebody of the store's trust. `nil` where nothing is, or where it is damaged.
    package func find(_ entry: BuildCacheEntry) throws -> StoredBody? {
        if entry.kind == .content { return try expand(entry.key) }
        for level in trust.readable {
            let path = path(entry.key, level)
            guard let action = try JSON.recall(Action.self, at: path), action.key == entry.key else { continue }
            if let body = try expand(action.digest) {
                FileSystem.touch(path)
                return body
            }
        }
        return nil
    }

    private func expand(_ digest: Digest) throws -> StoredBody? {
        guard blobs.contains(digest) else { return nil }
        try FileSystem.makeDirectories(aside)
        let file = aside.appending(UniqueName.make())
        guard try blobs.get(digest, to: file) else { return nil }
        defer { unlink(file.cString) }
        var status = stat()
        try checked("inspect", file) { lstat(file.cString, &status) }
        return try StoredBody(taking: file, bytes: Int64(status.st_size))
    }

    private func path(_ key: Digest, _ level: RefTrust) -> FilePath {
        root.appending("ac").appending(level.rawValue).appending(String(key.description.prefix(2)))
            .appending(key.description)
    }
}
