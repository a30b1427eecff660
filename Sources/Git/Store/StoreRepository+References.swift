internal import CLibgit2
internal import Glibc

/// Refs of our own in a store. Names are ours, too: see `Mirror` for the layout.
extension StoreRepository {
    /// Points a ref, new or old, to an object of the store.
    package func setReference(_ name: String, to id: ObjectID) async throws(GitError) {
        try await repository.perform { (handle) throws(GitError) in
            try Self.retryWhileLocked("write `\(name)`") {
                var oid = id.oid
                var reference: OpaquePointer?
                defer { git_reference_free(reference) }
                return git_reference_create(&reference, handle.pointer, name, &oid, 1, nil)
            }
        }
    }

    /// Takes a ref away; one that is not there is no error.
    package func removeReference(_ name: String) async throws(GitError) {
        try await repository.perform { (handle) throws(GitError) in
            try Self.retryWhileLocked("remove `\(name)`") {
                let code = git_reference_remove(handle.pointer, name)
                return code == GIT_ENOTFOUND.rawValue ? 0 : code
            }
        }
    }

    /// Puts all refs into one file, which is many times quicker to read when there are thousands.
    package func packReferences() async throws(GitError) {
        try await repository.perform { (handle) throws(GitError) in
            let refs = try Libgit2.obtain("open the refs") { git_repository_refdb(&$0, handle.pointer) }
            defer { git_refdb_free(refs) }
            try Self.retryWhileLocked("pack the refs") { git_refdb_compress(refs) }
        }
    }

    package func contains(_ id: ObjectID) async throws(GitError) -> Bool {
        try await repository.perform { (handle) throws(GitError) in
            try handle.withObjects { (odb) throws(GitError) in
                var oid = id.oid
                return git_odb_exists(odb, &oid) == 1
            }
        }
    }

    /// Whether history leads from `commit` back to `ancestor`; a commit is its own ancestor here.
    package func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) async throws(GitError) -> Bool {
        if ancestor == commit { return true }
        return try await repository.perform { (handle) throws(GitError) in
            var (old, new) = (ancestor.oid, commit.oid)
            let code = git_graph_descendant_of(handle.pointer, &new, &old)
            try Libgit2.check(code, "compare \(ancestor.short) and \(commit.short)")
            return code == 1
        }
    }

    /// Whoever else writes refs of the store holds a lock for moments only.
    private static func retryWhileLocked(_ operation: String, _ call: () -> Int32) throws(GitError) {
        for _ in 0..<50 {
            let code = call()
            if code != GIT_ELOCKED.rawValue { return try Libgit2.check(code, operation) }
            usleep(10_000)
        }
        try Libgit2.check(call(), operation)
    }
}
