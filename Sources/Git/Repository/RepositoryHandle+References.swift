internal import CLibgit2
internal import FoundationEssentials

extension RepositoryHandle {
    /// The commit that a revision means, tags peeled.
    func resolve(_ spec: String) throws(GitError) -> ObjectID {
        let object = try Libgit2.obtain("resolve `\(spec)`") { git_revparse_single(&$0, pointer, spec) }
        defer { git_object_free(object) }
        let commit = try Libgit2.obtain("find the commit of `\(spec)`") {
            git_object_peel(&$0, object, GIT_OBJECT_COMMIT)
        }
        defer { git_object_free(commit) }
        guard let id = ObjectID(git_object_id(commit)) else {
            throw GitError(.other, "resolve `\(spec)`", "the commit has no id")
        }
        return id
    }

    /// What a reference points to in the end; `nil` when there is none of that name.
    func resolveReference(_ name: String) throws(GitError) -> ObjectID? {
        var oid = git_oid()
        let code = git_reference_name_to_id(&oid, pointer, name)
        if code == GIT_ENOTFOUND.rawValue { return nil }
        try Libgit2.check(code, "read reference `\(name)`")
        return ObjectID(oid)
    }

    func head() throws(GitError) -> HeadState {
        let head = try Libgit2.obtain("read HEAD") { git_reference_lookup(&$0, pointer, "HEAD") }
        defer { git_reference_free(head) }
        guard let target = git_reference_symbolic_target(head) else {
            guard let id = ObjectID(git_reference_target(head)) else {
                throw GitError(.other, "read HEAD", "it points to nothing")
            }
            return .detached(id)
        }
        let branch = String(cString: target)
        guard let id = try resolveReference(branch) else { return .unborn(branch) }
        return .branch(branch, id)
    }

    /// The commit that the branch's upstream had when it was last fetched; `nil` without an upstream.
    func upstream(ofBranch name: String) throws(GitError) -> ObjectID? {
        var buffer = git_buf()
        let code = git_branch_upstream_name(&buffer, pointer, name)
        defer { git_buf_dispose(&buffer) }
        if code == GIT_ENOTFOUND.rawValue { return nil }
        try Libgit2.check(code, "read the upstream of `\(name)`")
        return try buffer.ptr.flatMap { (text) throws(GitError) in try resolveReference(String(cString: text)) }
    }

    /// All references but `HEAD`, symbolic ones followed, broken ones left out.
    func references() throws(GitError) -> [Reference] {
        let iterator = try Libgit2.obtain("list references") { git_reference_iterator_new(&$0, pointer) }
        defer { git_reference_iterator_free(iterator) }
        var found: [Reference] = []
        while true {
            var next: OpaquePointer?
            let code = git_reference_next(&next, iterator)
            if code == GIT_ITEROVER.rawValue { return found.sorted { $0.name < $1.name } }
            try Libgit2.check(code, "list references")
            defer { git_reference_free(next) }
            if let next, let reference = reference(next) { found.append(reference) }
        }
    }

    func commit(_ id: ObjectID) throws(GitError) -> CommitSummary {
        var oid = id.oid
        let commit = try Libgit2.obtain("read commit \(id.short)") { git_commit_lookup(&$0, pointer, &oid) }
        defer { git_commit_free(commit) }
        guard let tree = ObjectID(git_commit_tree_id(commit)) else {
            throw GitError(.other, "read commit \(id.short)", "it has no tree")
        }
        return CommitSummary(
            id: id,
            tree: tree,
            parents: (0..<git_commit_parentcount(commit)).compactMap { ObjectID(git_commit_parent_id(commit, $0)) },
            summary: git_commit_summary(commit).map { String(cString: $0) } ?? "",
            authorName: git_commit_author(commit)?.pointee.name.map { String(cString: $0) } ?? "",
            date: Date(timeIntervalSince1970: Double(git_commit_time(commit)))
        )
    }

    private func reference(_ pointer: OpaquePointer) -> Reference? {
        var resolved: OpaquePointer?
        guard git_reference_resolve(&resolved, pointer) == 0 else { return nil }
        defer { git_reference_free(resolved) }
        guard let name = git_reference_name(pointer), let target = ObjectID(git_reference_target(resolved)) else {
            return nil
        }
        var commit: OpaquePointer?
        let peeled = git_reference_peel(&commit, resolved, GIT_OBJECT_COMMIT) == 0
        defer { git_object_free(commit) }
        return Reference(
            name: String(cString: name),
            target: target,
            commit: peeled ? ObjectID(git_object_id(commit)) : nil
        )
    }
}
