import Git
import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// A run with all that the database and its files tell of it.
struct RunReader {
    let engine: any EngineControl
    let row: RunRow

    var directory: RunDirectory {
        RunDirectory(engine.state.runs.appending(row.number.description), number: row.number)
    }

    /// Throws where there is no such run.
    static func find(_ run: RunNumber, _ engine: any EngineControl) async throws -> RunReader {
        guard let row = try await engine.database.run(run) else {
            throw Problem.unknown("run \(run)", hint: "`runner list` shows those there are")
        }
        return RunReader(engine: engine, row: row)
    }

    /// Throws where the run has no such stage.
    func stage(_ id: StageID) async throws -> StageDirectory {
        let stages = try await engine.database.stages(of: row.number)
        guard stages.contains(where: { $0.stage == id }) else {
            let names = stages.map { "`\($0.stage)`" }.joined(separator: ", ")
            throw Problem.unknown("stage `\(id)` in run \(row.number)", hint: "it has \(names)")
        }
        return directory.stage(id)
    }

    func detail() async throws -> RunDetail {
        let spec = try spec()
        let plan = try await plan(spec)
        let stages = try await engine.database.stages(of: row.number)
        let needs = Dictionary(((plan?.stages ?? []) + (plan?.finally ?? [])).map { ($0.id, $0) }) { old, _ in old }
        return RunDetail(
            run: RunSummary(row),
            inputs: row.event.inputs,
            priority: "\(row.priority)",
            lock: row.lockName,
            isolation: spec?.isolation.rawValue,
            isolationNote: spec?.isolationNote,
            stages: try stages.map { stage in
                try StageReader(directory: directory.stage(stage.stage), row: stage, planned: needs[stage.stage]).view()
            }
        )
    }

    func bundle() async throws -> RunBundle {
        let spec = try spec()
        guard let plan = try await plan(spec) else {
            throw Problem(
                .conflict,
                "cannot bundle run \(row.number)",
                why: "it has ended before it was planned: \(row.reason ?? "no reason is known")"
            )
        }
        let record = try await engine.database.repository(named: row.repository)
        let stages = plan.stages + plan.finally
        return RunBundle(
            number: row.number.value,
            repository: row.repository,
            url: record.map { RepositoryView.withoutPassword($0.definition.url) },
            commit: row.event.commit?.description,
            tree: row.event.tree.description,
            event: row.event,
            pipeline: row.pipeline,
            inputs: row.event.inputs,
            plan: plan,
            isolation: spec?.isolation.rawValue,
            secrets: Set(stages.flatMap(\.definition.secrets)).sorted(),
            platform: Self.platform,
            version: try await engine.status().version,
            path: spec?.searchPath,
            images: [:],
            stages: try await engine.database.stages(of: row.number).map(Self.outcome),
            createdAt: row.createdAt
        )
    }

    private static func outcome(_ stage: StageRow) -> RunBundle.StageOutcome {
        var outcome: Outcome?
        if case .finished(let value) = stage.status { outcome = value }
        return RunBundle.StageOutcome(
            name: stage.stage.description,
            outcome: outcome,
            reason: stage.reason,
            reusedFrom: stage.reusedFrom?.value
        )
    }

    private func spec() throws -> RunSpec? { try JSON.read(RunSpec.self, at: directory.spec) }

    private func plan(_ spec: RunSpec?) async throws -> Plan? {
        if let spec { return spec.plan }
        return try await engine.database.plan(of: row.number)?.plan
    }

    private static var platform: String {
        #if arch(x86_64)
            "linux-x86_64"
        #elseif arch(arm64)
            "linux-aarch64"
        #else
            "linux"
        #endif
    }
}
