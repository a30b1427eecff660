import Git
import RunnerCore

enum RefJudgement {
    enum V { case run(RunEvent.Kind), skip(RunEvent.Kind, String), record(String), cancelPending(String) }
    static func judge(_ c: RefChange, in r: RepositoryDefinition, isFirstSight: Bool, message: String) -> V {
        if c.kind == .deleted { return c.isTag ? .record("tag deleted") : .cancelPending("branch deleted") }
        if isFirstSight, !r.runsAtFirstSight { return .record("first sight") }
        if c.isTag, c.kind == .forceMoved, !r.runsMovedTags { return .record("moved tag") }
        if message.contains("[skip ci]") { return .skip(c.isTag ? .tag : .push, "the commit says [skip ci]") }
        return .run(c.isTag ? .tag : .push)
    }
}
enum RefComparison {
    static func changes(from: RefSnapshot, to: RefSnapshot, isAncestor: (ObjectID, ObjectID) -> Bool) -> [RefChange] {
        var out: [RefChange] = []
        for (n, t) in to.refs.sorted(by: { $0.key < $1.key }) {
            if let o = from.refs[n] {
                if o != t { out.append(RefChange(ref: n, kind: isAncestor(o.commit, t.commit) ? .moved : .forceMoved, old: o, new: t)) }
            } else { out.append(RefChange(ref: n, kind: .created, old: nil, new: t)) }
        }
        for (n, o) in from.refs where to.refs[n] == nil { out.append(RefChange(ref: n, kind: .deleted, old: o, new: nil)) }
        return out
    }
}
