import Git
import RunnerCore
import RunnerExecution
import RunnerStore

/// From a ref that moved to runs: reads the pipelines of that very commit, matches and plans. Nothing is written.
struct EventPlanning: Sendable {
    /// What is to be written down of an event.
    struct Answer: Sendable {
        /// In words, for whoever asks what became of the move.
        var verdict: String
        var runs: [NewRun] = []
        /// Set where runs of the ref that have not begun are to end.
        var cancelsPending: String?
    }

    let repository: RepositoryDefinition
    let objects: Repository

    /// Throws only what the machine could not do: everything about the event itself is an answer.
    func answer(_ event: RefEventRecord) async throws -> Answer {
        let change = event.change
        let message = if let new = change.new { try await objects.message(of: new.commit) } else { "" }
        let verdict = RefJudgement.judge(change, of: repository, isFirstSight: event.isFirstSight, message: message)
        switch verdict {
        case .record(let reason): return Answer(verdict: reason)
        case .cancelPending(let reason): return Answer(verdict: reason, cancelsPending: reason)
        case .run(let kind):
            guard let new = change.new else { return Answer(verdict: "there is nothing to run") }
            return try await plan(change, new, kind, skip: nil)
        case .skip(let kind, let reason):
            guard let new = change.new else { return Answer(verdict: "there is nothing to run") }
            return try await plan(change, new, kind, skip: reason)
        }
    }

    /// The plans of one pipeline, or of those that match, for an event that was made up otherwise.
    func runs(
        for event: RunEvent,
        named pipeline: String?,
        selecting stages: [String],
        because reason: String
    ) async throws -> [NewRun] {
        let loaded = try await PipelineLoader.load(from: event.tree, in: objects)
        guard let pipeline else {
            return try await plans(
                loaded,
                event,
                Planner.match(loaded.pipelines, event, changed: .everything(because: ""))
            )
        }
        guard let named = loaded.pipelines.first(where: { $0.name == pipeline }) else {
            guard loaded.errors.isEmpty else { throw DiagnosticsError(loaded.diagnostics) }
            throw RunnerError(
                .input,
                "there is no pipeline `\(pipeline)` at \(event.shortRef)",
                why: "`pipelines/` has \(loaded.pipelines.map { "`\($0.name)`" }.joined(separator: ", "))",
                hint: DidYouMean.hint(for: pipeline, among: loaded.pipelines.map(\.name))
            )
        }
        let match = PipelineMatch(pipeline: named, isMatch: true, reason: reason)
        return try await plans(loaded, event, [match], selecting: stages)
    }

    private func plan(_ change: RefChange, _ new: RefTarget, _ kind: RunEvent.Kind, skip: String?) async throws
        -> Answer
    {
        let summary = try await objects.commit(new.commit)
        let event = RunEvent(
            kind: kind,
            ref: change.ref,
            commit: new.commit,
            tree: summary.tree,
            isWorkingTree: false,
            message: summary.summary,
            author: summary.authorName
        )
        let loaded: LoadedPipelines
        do {
            loaded = try await PipelineLoader.load(from: event.tree, in: objects)
        } catch let error as RunnerError {
            return Answer(verdict: [error.what, error.why].compactMap(\.self).joined(separator: ": "))
        }
        let matches = Planner.match(loaded.pipelines, event, changed: try await changes(change, to: event))
        var runs = try await plans(loaded, event, matches)
        if let skip {
            for index in runs.indices where runs[index].refusal == nil {
                runs[index].refusal = (.skipped, skip)
            }
        }
        return Answer(verdict: Self.words(matches, loaded, skip), runs: runs)
    }

    /// A plan for each match; a file that cannot be used becomes a run that failed before it began, so that people see it.
    private func plans(
        _ loaded: LoadedPipelines,
        _ event: RunEvent,
        _ matches: [PipelineMatch],
        selecting stages: [String] = []
    ) async throws -> [NewRun] {
        let files = try await filesToHash(loaded.pipelines, event.tree)
        var runs: [NewRun] = []
        var broken = loaded.errors
        for match in matches where match.isMatch {
            do {
                let plan = try Planner.plan(
                    match.pipeline,
                    event: event,
                    reason: match.reason,
                    selecting: stages.isEmpty ? nil : stages,
                    hash: TreeHash.function(over: files)
                )
                runs.append(NewRun(plan: plan, cause: match.reason))
            } catch {
                guard event.kind != .manual else { throw error }
                broken += error.diagnostics
            }
        }
        return runs + Self.refusals(of: broken, event)
    }

    private static func refusals(of diagnostics: [Diagnostic], _ event: RunEvent) -> [NewRun] {
        let byFile = Dictionary(grouping: diagnostics.filter { $0.severity == .error }, by: \.location.file)
        return byFile.sorted { $0.key < $1.key }.map { file, diagnostics in
            let plan = Plan(pipeline: file, file: file, event: event, reason: "the file has errors", stages: [])
            let reason = diagnostics.map(\.description).joined(separator: "\n")
            return NewRun(plan: plan, cause: "the file has errors", refusal: (.failed, reason))
        }
    }

    private func changes(_ change: RefChange, to event: RunEvent) async throws -> ChangedPaths {
        guard let old = change.old else { return .everything(because: "\(event.shortRef) is new") }
        do throws(GitError) {
            let tree = try await objects.commit(old.commit).tree
            let delta = try await objects.diff(from: tree, to: event.tree)
            return .paths(delta.changed.map(\.path.bytes) + delta.deleted.map(\.bytes))
        } catch {
            guard error.code == .notFound else { throw error }
            return .everything(because: "the commit before, \(old.commit.short), is gone")
        }
    }

    private func filesToHash(_ pipelines: [Pipeline], _ tree: ObjectID) async throws -> [TreeEntry] {
        let conditions = pipelines.flatMap { $0.stages + $0.finally }.compactMap(\.condition)
        let groups = pipelines.compactMap { $0.concurrency?.group.source }
        guard (conditions.map(\.source) + groups).contains(where: { $0.contains("hash(") }) else { return [] }
        return try await objects.listFiles(tree)
    }

    private static func words(_ matches: [PipelineMatch], _ loaded: LoadedPipelines, _ skip: String?) -> String {
        if let skip { return skip }
        let parts = matches.map { "\($0.pipeline.name): \($0.reason)" }
        let broken = Set(loaded.errors.map(\.location.file)).sorted().map { "\($0): has errors" }
        return (parts + broken).joined(separator: "; ")
    }
}
