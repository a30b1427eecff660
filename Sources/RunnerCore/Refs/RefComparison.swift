package import Git

/// What became of the branches and tags of a repository between two looks at it.
package enum RefComparison {
    /// Deleted refs first, then branches, then tags, each by name. Other refs do not count. What happened and was undone
    /// between the looks is not seen. `isAncestor` is asked for moved branches alone.
    package static func changes(
        from old: RefSnapshot,
        to new: RefSnapshot,
        isAncestor: (_ old: ObjectID, _ new: ObjectID) -> Bool
    ) -> [RefChange] {
        var changes: [RefChange] = []
        for (ref, target) in old.refs where new.refs[ref] == nil && isWatched(ref) {
            changes.append(RefChange(ref: ref, kind: .deleted, old: target, new: nil))
        }
        for (ref, target) in new.refs where isWatched(ref) {
            guard let before = old.refs[ref] else {
                changes.append(RefChange(ref: ref, kind: .created, old: nil, new: target))
                continue
            }
            guard before.object != target.object else { continue }
            let isForward = !isTag(ref) && isAncestor(before.commit, target.commit)
            changes.append(RefChange(ref: ref, kind: isForward ? .moved : .forceMoved, old: before, new: target))
        }
        return changes.sorted { ($0.rank, $0.ref) < ($1.rank, $1.ref) }
    }

    private static func isWatched(_ ref: String) -> Bool { ref.hasPrefix("refs/heads/") || isTag(ref) }

    private static func isTag(_ ref: String) -> Bool { ref.hasPrefix("refs/tags/") }
}

extension RefChange {
    fileprivate var rank: Int {
        if kind == .deleted { 0 } else if isTag { 2 } else { 1 }
    }
}
