internal import CLibgit2

/// The branches and tags of a repository, and what of them could not be read.
package struct RefReading: Sendable {
    package var refs: [String: RefListing.Entry] = [:]
    /// Names that are no UTF-8, for people.
    package var skipped: [String] = []
    /// Refs that are there but point to what is not, by name, with the cause. They are not gone: a reader who knows
    /// their last value goes on with it.
    package var unreadable: [String: String] = [:]
}

extension Repository {
    /// The branches and tags, by full name. `known` tells the commits of objects that need not be looked up again.
    /// `prefix` is where they are kept: of a remote's, somewhere else than `refs/`.
    package func branchesAndTags(
        known: [ObjectID: ObjectID] = [:],
        below prefix: String = "refs/"
    ) throws(GitError) -> RefReading {
        try handle.branchesAndTags(known: known, below: prefix)
    }

    /// What all references below a prefix point to, as `refs/runner/`.
    package func targets(below prefix: String) throws(GitError) -> [String: ObjectID] {
        try handle.targets(below: prefix)
    }
}

extension RepositoryHandle {
    func branchesAndTags(known: [ObjectID: ObjectID], below prefix: String) throws(GitError) -> RefReading {
        var reading = RefReading()
        for glob in ["heads/*", "tags/*"] {
            try forEachReference(prefix + glob) { bytes, reference in
                guard let name = String(validating: bytes, as: UTF8.self) else {
                    reading.skipped.append(RefListing.shown(bytes))
                    return
                }
                add(reference, "refs/\(name.dropFirst(prefix.count))", known, to: &reading)
            }
        }
        return reading
    }

    func targets(below prefix: String) throws(GitError) -> [String: ObjectID] {
        var found: [String: ObjectID] = [:]
        try forEachReference(prefix + "*") { bytes, reference in
            guard let name = String(validating: bytes, as: UTF8.self) else { return }
            found[name] = ObjectID(git_reference_target(reference))
        }
        return found
    }

    private func forEachReference(
        _ glob: String,
        _ visit: ([UInt8], OpaquePointer) -> Void
    ) throws(GitError) {
        let iterator = try Libgit2.obtain("list references") { git_reference_iterator_glob_new(&$0, pointer, glob) }
        defer { git_reference_iterator_free(iterator) }
        while true {
            var next: OpaquePointer?
            let code = git_reference_next(&next, iterator)
            if code == GIT_ITEROVER.rawValue { return }
            try Libgit2.check(code, "list references")
            defer { git_reference_free(next) }
            if let next, let name = git_reference_name(next) { visit(Array(cString: name), next) }
        }
    }

    private func add(
        _ reference: OpaquePointer,
        _ name: String,
        _ known: [ObjectID: ObjectID],
        to reading: inout RefReading
    ) {
        do throws(GitError) {
            let resolved = try Libgit2.obtain("read `\(name)`") { git_reference_resolve(&$0, reference) }
            defer { git_reference_free(resolved) }
            guard let object = ObjectID(git_reference_target(resolved)) else { return }
            var commit = known[object]
            if commit == nil { commit = try self.commit(behind: resolved, name) }
            if let commit { reading.refs[name] = RefListing.Entry(object: object, commit: commit) }
        } catch {
            reading.unreadable[name] = error.message
        }
    }

    /// `nil` for a tag of a tree or a blob.
    private func commit(behind reference: OpaquePointer, _ name: String) throws(GitError) -> ObjectID? {
        var object: OpaquePointer?
        try Libgit2.check(git_reference_peel(&object, reference, GIT_OBJECT_ANY), "read `\(name)`")
        defer { git_object_free(object) }
        guard let object, git_object_type(object) == GIT_OBJECT_COMMIT else { return nil }
        return ObjectID(git_object_id(object))
    }
}
