internal import CLibgit2

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
