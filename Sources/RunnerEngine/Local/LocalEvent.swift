package import Git
package import RunnerCore

/// The event that a person asked for, with what is known around it.
package struct LocalEvent: Sendable {
    package let event: RunEvent
    package let changed: ChangedPaths
    /// Trees that resemble the event's, the nearest first.
    package let relatives: [ObjectID]
    /// What people should know of how it was made up.
    package let notes: [String]

    /// How far back a commit's ancestors are looked through for one that is laid out.
    private static let ancestorLimit = 50

    package init(_ request: LocalRequest, in project: LocalProject) async throws {
        do {
            self = try await Self.make(request, project)
        } catch let error as GitError {
            throw RunnerError(error, kind: .input)
        }
    }

    init(event: RunEvent, changed: ChangedPaths, relatives: [ObjectID], notes: [String]) {
        self.event = event
        self.changed = changed
        self.relatives = relatives
        self.notes = notes
    }

    private static func make(_ request: LocalRequest, _ project: LocalProject) async throws -> LocalEvent {
        let head = try await project.repository.head()
        let (ref, kind) = try ref(of: request.subject, head: head)
        let named = try await commit(named: request.subject, ref: ref, head: head, in: project)
        var notes: [String] = []
        let commit = named ?? head.commit
        let isWorkingTree = named == nil && !request.isCommitted && project.location.workDirectory != nil
        let tree: ObjectID
        if isWorkingTree {
            tree = try await project.store.snapshotWorkingTree(of: project.location)
        } else if let commit {
            tree = try await project.store.flatten(project.repository.commit(commit).tree, of: project.location)
        } else {
            throw RunnerError(.input, "cannot run a commit", why: "the repository has none yet", hint: "git commit")
        }
        if named == nil, ref != head.branch { notes.append("\(ref) does not exist: the current tree under that name") }
        let summary = if let commit { try await project.repository.commit(commit) } else { nil as CommitSummary? }
        let event = RunEvent(
            kind: kind,
            ref: ref,
            commit: commit,
            tree: tree,
            isWorkingTree: isWorkingTree && tree != summary?.tree,
            message: summary?.summary ?? "",
            author: summary?.authorName ?? "",
            inputs: request.inputs
        )
        let ancestors =
            if let commit {
                try await project.repository.ancestors(of: commit, limit: ancestorLimit).map(\.tree)
            } else { [] as [ObjectID] }
        let changed = try await changes(to: event, request.base, project)
        return LocalEvent(event: event, changed: changed, relatives: ancestors, notes: notes)
    }

    private static func ref(
        of subject: LocalRequest.Subject,
        head: HeadState
    ) throws -> (name: String, kind: RunEvent.Kind) {
        switch subject {
        case .branch(let name): return ("refs/heads/\(name)", .push)
        case .tag(let name): return ("refs/tags/\(name)", .tag)
        case .current, .commit:
            guard let branch = head.branch else {
                throw RunnerError(
                    .input,
                    "cannot tell the branch",
                    why: "HEAD is detached",
                    hint: "name what to run as: `--branch NAME` or `--tag NAME`"
                )
            }
            return (branch, .push)
        }
    }

    /// The commit that the subject names; `nil` where the current tree is meant.
    private static func commit(
        named subject: LocalRequest.Subject,
        ref: String,
        head: HeadState,
        in project: LocalProject
    ) async throws -> ObjectID? {
        switch subject {
        case .current: return nil
        case .commit(let spec): return try await project.repository.resolve(spec)
        case .branch, .tag:
            guard ref != head.branch else { return nil }
            guard try await project.repository.resolveReference(ref) != nil else { return nil }
            return try await project.repository.resolve(ref)
        }
    }

    private static func changes(to event: RunEvent, _ base: String?, _ project: LocalProject) async throws
        -> ChangedPaths
    {
        let from: ObjectID
        if let base {
            from = try await project.repository.resolve(base)
        } else {
            guard event.kind == .push else { return .everything(because: "a tag has no base") }
            guard let upstream = try await project.repository.upstream(ofBranch: event.ref) else {
                return .everything(because: "\(event.shortRef) has no upstream to compare with")
            }
            from = upstream
        }
        let tree = try await project.repository.commit(from).tree
        let delta = try await project.store.repository.diff(from: tree, to: event.tree)
        return .paths(delta.changed.map(\.path.bytes) + delta.deleted.map(\.bytes))
    }
}
