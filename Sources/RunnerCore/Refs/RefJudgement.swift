/// What a changed ref leads to. Reasons are for people, and name the ids.
package enum RefJudgement: Sendable, Hashable {
    /// Pipelines may match it.
    case run(RunEvent.Kind)
    /// Pipelines that match are written down as skipped, for this reason.
    case skip(RunEvent.Kind, String)
    /// It stays in the record, and starts nothing.
    case record(String)
    /// Runs of the ref that wait in the queue are to be canceled.
    case cancelPending(String)

    /// Where several reasons speak against a run, the first of: first sight, a moved tag, the commit's own word.
    ///
    /// - Parameter message: the whole message of the new commit; not looked at for a deleted ref.
    package static func judge(
        _ change: RefChange,
        of repository: RepositoryDefinition,
        isFirstSight: Bool,
        message: String
    ) -> RefJudgement {
        if change.kind == .deleted {
            return change.isTag ? .record(change.account) : .cancelPending(change.account)
        }
        if isFirstSight, !repository.runsAtFirstSight {
            return .record("\(change.account), at the first sight of \(repository.name), and `first-run` is not set")
        }
        if change.isTag, change.kind != .created, !repository.runsMovedTags {
            return .record("\(change.account), and `moved-tags: run` is not set")
        }
        let kind: RunEvent.Kind = change.isTag ? .tag : .push
        if let mark = SkipMark.find(in: message) {
            return .skip(kind, "the commit's message says `\(mark)`")
        }
        return .run(kind)
    }
}
