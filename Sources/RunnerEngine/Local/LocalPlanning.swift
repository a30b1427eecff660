import Git
package import RunnerCore
import RunnerExecution

/// What would run for an event, what not, and why.
package struct LocalPlanning: Sendable {
    package let event: LocalEvent
    /// Every pipeline of the tree, with the reason why it runs or not.
    package let matches: [PipelineMatch]
    /// One for each pipeline that runs.
    package var plans: [Plan]
    package let warnings: [Diagnostic]

    /// Reads, matches and plans. Nothing is run or written but the snapshot of the working tree.
    package static func make(_ request: LocalRequest, in project: LocalProject) async throws -> LocalPlanning {
        try await make(request, for: LocalEvent(request, in: project), in: project)
    }

    /// The same for an event that is known; what the request says of it is left aside.
    package static func make(
        _ request: LocalRequest,
        for event: LocalEvent,
        in project: LocalProject
    ) async throws -> LocalPlanning {
        let loaded = try await load(event.event.tree, request, project)
        let matches = try match(loaded.pipelines, request, event)
        let files = try await filesToHash(loaded.pipelines, event.event.tree, project)
        let plans = try plan(matches.filter(\.isMatch), request, event.event, hash: TreeHash.function(over: files))
        return LocalPlanning(
            event: event,
            matches: matches,
            plans: plans,
            warnings: loaded.diagnostics.filter { $0.severity == .warning }
        )
    }

    /// Throws what is wrong in all of them together.
    private static func plan(
        _ matches: [PipelineMatch],
        _ request: LocalRequest,
        _ event: RunEvent,
        hash: @escaping EvaluationContext.Hash
    ) throws -> [Plan] {
        var plans: [Plan] = []
        var diagnostics: [Diagnostic] = []
        for match in matches {
            do {
                let plan = try Planner.plan(
                    match.pipeline,
                    event: event,
                    reason: match.reason,
                    selecting: request.stages.isEmpty ? nil : request.stages,
                    hash: hash
                )
                plans.append(plan)
            } catch {
                diagnostics += error.diagnostics
            }
        }
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
        return PromotionOrder.sorted(plans)
    }

    /// Errors in files that were not asked for are no hindrance to those that were.
    private static func load(
        _ tree: ObjectID,
        _ request: LocalRequest,
        _ project: LocalProject
    ) async throws -> LoadedPipelines {
        let loaded: LoadedPipelines
        do {
            loaded = try await PipelineLoader.load(from: tree, in: project.store.repository)
        } catch let error as GitError {
            throw RunnerError(error, kind: .errored)
        }
        let names = Set(loaded.pipelines.map(\.name))
        let areAllRead = !request.pipelines.isEmpty && request.pipelines.allSatisfy(names.contains)
        guard loaded.errors.isEmpty || areAllRead else { throw DiagnosticsError(loaded.diagnostics) }
        return loaded
    }

    private static func match(
        _ pipelines: [Pipeline],
        _ request: LocalRequest,
        _ event: LocalEvent
    ) throws -> [PipelineMatch] {
        guard !request.pipelines.isEmpty else { return Planner.match(pipelines, event.event, changed: event.changed) }
        for name in request.pipelines where !pipelines.contains(where: { $0.name == name }) {
            throw RunnerError(
                .input,
                "there is no pipeline `\(name)`",
                why: "`pipelines/` has \(pipelines.map { "`\($0.name)`" }.joined(separator: ", "))",
                hint: DidYouMean.hint(for: name, among: pipelines.map(\.name))
            )
        }
        return pipelines.map { pipeline in
            let isNamed = request.pipelines.contains(pipeline.name)
            return PipelineMatch(pipeline: pipeline, isMatch: isNamed, reason: isNamed ? "named" : "not named")
        }
    }

    /// The tree's files, listed only where a condition may ask for a hash.
    private static func filesToHash(
        _ pipelines: [Pipeline],
        _ tree: ObjectID,
        _ project: LocalProject
    ) async throws -> [TreeEntry] {
        let conditions = pipelines.flatMap { $0.stages + $0.finally }.compactMap(\.condition)
        let groups = pipelines.compactMap { $0.concurrency?.group.source }
        guard (conditions.map(\.source) + groups).contains(where: { $0.contains("hash(") }) else { return [] }
        return try await project.store.repository.listFiles(tree)
    }
}
