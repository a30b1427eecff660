import Git
import RunnerCore
import RunnerStore

/// Runs that a person asks for: made up as an event, planned at that very commit.
struct ManualRuns: Sendable {
    let database: RunnerDatabase
    let state: StateDirectory

    /// Writes a run down. `ref` is a branch, a tag, a full name or a commit; `nil` is the repository's own default.
    func start(_ request: RunRequest, _ record: RepositoryRecord, _ mirror: Mirror) async throws -> RunNumber {
        let objects = mirror.store.repository
        let (ref, commit) = try await resolve(request.ref, record, mirror)
        let summary: CommitSummary
        do {
            summary = try await objects.commit(commit)
        } catch {
            throw RunnerError(error, kind: .input)
        }
        let event = RunEvent(
            kind: .manual,
            ref: ref,
            commit: commit,
            tree: summary.tree,
            isWorkingTree: false,
            message: summary.summary,
            author: summary.authorName,
            inputs: request.inputs
        )
        let planning = EventPlanning(repository: record.definition, objects: objects)
        let runs = try await planning.runs(
            for: event,
            named: request.pipeline,
            selecting: request.stages,
            because: "started by \(request.actor)"
        )
        guard var run = runs.first else {
            throw RunnerError(.input, "pipeline `\(request.pipeline)` plans nothing", why: "it has no stages")
        }
        run.selection.reuses = request.reuses
        return try await database.add(run, of: record.id)
    }

    /// Writes down a run like an earlier one: same commit, same event, same inputs, the pipeline as that commit has it.
    func again(_ row: RunRow, _ choice: RerunChoice, _ record: RepositoryRecord, _ mirror: Mirror, actor: String)
        async throws
        -> RunNumber
    {
        let planning = EventPlanning(repository: record.definition, objects: mirror.store.repository)
        let runs = try await planning.runs(
            for: row.event,
            named: row.pipeline,
            selecting: [],
            because: "run \(row.number) again, by \(actor)"
        )
        guard var run = runs.first else {
            throw RunnerError(.input, "cannot run \(row.number) again", why: "its pipeline plans nothing now")
        }
        run.rerunOf = row.number
        run.selection = try await selection(row, choice, run.plan)
        return try await database.add(run, of: record.id)
    }

    private func selection(_ row: RunRow, _ choice: RerunChoice, _ plan: Plan) async throws -> RunSelection {
        let stages = try await database.stages(of: row.number)
        let green = Set(stages.filter { $0.status == .finished(.succeeded) }.map(\.stage))
        switch choice {
        case .all: return RunSelection()
        case .fromFailed:
            guard row.status.isFinished else {
                throw RunnerError(
                    .input,
                    "cannot run \(row.number) from its failed stages",
                    why: "it has not ended",
                    hint: "runner watch \(row.number)"
                )
            }
            let finally = Set(plan.finally.map(\.id))
            return RunSelection(takesFrom: row.number, taken: green.subtracting(finally))
        case .stage(let stage):
            let all = (plan.stages + plan.finally).map(\.id)
            guard all.contains(stage) else {
                throw RunnerError(
                    .input,
                    "run \(row.number) has no stage `\(stage)`",
                    why: "it has \(all.map { "`\($0)`" }.joined(separator: ", "))",
                    hint: DidYouMean.hint(for: stage.description, among: all.map(\.description))
                )
            }
            let needed = Self.needs(of: stage, in: plan)
            return RunSelection(
                stages: needed.subtracting(green).union([stage]),
                takesFrom: row.number,
                taken: green.intersection(needed)
            )
        }
    }

    /// All stages that a stage needs, over all levels.
    private static func needs(of stage: StageID, in plan: Plan) -> Set<StageID> {
        var found: Set<StageID> = []
        var open = [stage]
        while let next = open.popLast() {
            for need in (plan.stages + plan.finally).first(where: { $0.id == next })?.needs ?? []
            where found.insert(need).inserted { open.append(need) }
        }
        return found
    }

    private func resolve(_ text: String?, _ record: RepositoryRecord, _ mirror: Mirror) async throws
        -> (ref: String, commit: ObjectID)
    {
        let known = try await database.refs(of: record.id).snapshot.refs
        let candidates: [String]
        if let text {
            candidates = text.hasPrefix("refs/") ? [text] : ["refs/heads/\(text)", "refs/tags/\(text)"]
        } else {
            candidates = await mirror.defaultBranches()
        }
        for name in candidates {
            if let target = known[name] { return (name, target.commit) }
        }
        if let text, let id = ObjectID(text) {
            let name = known.filter { $0.value.commit == id }.keys.sorted().first
            return (name ?? candidates[0], id)
        }
        throw RunnerError(
            .input,
            "cannot find `\(text ?? "the default branch")` in \(record.name)",
            why: "it has no such branch or tag, and it is no full commit id",
            hint: "runner repository fetch \(record.name)"
        )
    }
}
