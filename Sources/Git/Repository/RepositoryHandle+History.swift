internal import CLibgit2
internal import Glibc

extension RepositoryHandle {
    /// The commit and what came before it, youngest first, at most `limit`.
    /// History that is not here, as behind the edge of a shallow clone, ends the walk there and is no error.
    func ancestors(of start: ObjectID, limit: Int) throws(GitError) -> [CommitTree] {
        var waiting = [try historyStep(start)]
        var seen: Set<ObjectID> = [start]
        var found: [CommitTree] = []
        while let next = waiting.popLast(), found.count < limit {
            found.append(next.commit)
            for parent in next.parents where seen.insert(parent).inserted {
                do throws(GitError) {
                    let step = try historyStep(parent)
                    // Oldest first, so that the last is the next; of equal dates the first parent is taken first.
                    waiting.insert(step, at: waiting.firstIndex { $0.date >= step.date } ?? waiting.endIndex)
                } catch {
                    guard error.code == .notFound else { throw error }
                }
            }
        }
        return found
    }

    /// Whether the first is in the history of the second. History that is not here counts as none.
    func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws(GitError) -> Bool {
        if ancestor == commit { return true }
        var (old, new) = (ancestor.oid, commit.oid)
        let code = git_graph_descendant_of(pointer, &new, &old)
        if code == GIT_ENOTFOUND.rawValue { return false }
        try Libgit2.check(code, "compare \(ancestor.short) with \(commit.short)")
        return code == 1
    }

    /// The whole message of a commit, as far as `limit` bytes.
    func message(of id: ObjectID, limit: Int) throws(GitError) -> String {
        var oid = id.oid
        let commit = try Libgit2.obtain("read commit \(id.short)") { git_commit_lookup(&$0, pointer, &oid) }
        defer { git_commit_free(commit) }
        guard let text = git_commit_message(commit) else { return "" }
        let count = strnlen(text, limit)
        return String(
            decoding: UnsafeRawBufferPointer(start: text, count: count),
            as: UTF8.self
        )
    }

    private struct HistoryStep {
        var commit: CommitTree
        var parents: [ObjectID]
        var date: Int64
    }

    private func historyStep(_ id: ObjectID) throws(GitError) -> HistoryStep {
        var oid = id.oid
        let commit = try Libgit2.obtain("read commit \(id.short)") { git_commit_lookup(&$0, pointer, &oid) }
        defer { git_commit_free(commit) }
        guard let tree = ObjectID(git_commit_tree_id(commit)) else {
            throw GitError(.other, "read commit \(id.short)", "it has no tree")
        }
        let parents = (0..<git_commit_parentcount(commit)).compactMap { ObjectID(git_commit_parent_id(commit, $0)) }
        return HistoryStep(
            commit: CommitTree(commit: id, tree: tree),
            parents: parents,
            date: git_commit_time(commit)
        )
    }
}
