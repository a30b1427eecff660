import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Runs: looking at them, starting and ending them.
enum RunEndpoints {
    static let all: [Endpoint] = [list, start, show, explain, cancel, rerun, bundle, search]

    private static let list = Endpoint.get(
        "/api/v1/runs",
        "runs",
        "Runs, the newest first.",
        parameters: [
            Parameters.repository.description, Parameters.pipeline.description, Parameters.ref.description,
            Parameters.outcome.description, Parameters.open.description, Parameters.since.description,
            Parameters.before.description, Parameters.limit.description,
        ]
    ) { call in
        let limit = try call.optional(Parameters.limit) ?? 50
        let rows = try await call.site.engine.database.runs(
            RunFilter(
                repository: call.optional(Parameters.repository),
                pipeline: call.optional(Parameters.pipeline),
                ref: call.optional(Parameters.ref),
                outcomes: call.parameters.all(Parameters.outcome),
                isOpen: call.optional(Parameters.open),
                since: call.optional(Parameters.since),
                before: call.optional(Parameters.before),
                limit: limit
            )
        )
        let next = rows.count == limit ? rows.last.map { Int64($0.number.value) } : nil
        return Page(rows.map(RunSummary.init), next: next)
    }

    private static let start = Endpoint.post(
        "/api/v1/runs",
        "startRun",
        "Start a run by hand.",
        access: .role(.developer),
        limits: ["pipeline": .string(1...200), "repository": .string(1...200), "ref": .string(1...1000)],
        status: .created
    ) { (call, body: RunRequestBody) in
        let request = RunRequest(
            pipeline: body.pipeline,
            repository: body.repository,
            ref: body.ref,
            inputs: body.inputs ?? [:],
            stages: body.stages ?? [],
            reuses: body.reuses ?? true,
            actor: call.caller.name
        )
        return RunCreated(number: try await call.site.engine.start(request).value)
    }

    private static let show = Endpoint.get(
        "/api/v1/runs/{number}",
        "run",
        "A run with its stages, steps and logs.",
        parameters: [Parameters.number.description]
    ) { call in try await find(call).detail() }

    private static let explain = Endpoint.get(
        "/api/v1/runs/{number}/stages/{stage}/explanation",
        "stageExplanation",
        "What the key of a stage with `reuse` was made of, what it hit, or what was different.",
        parameters: [Parameters.number.description, Parameters.stage.description]
    ) { call in
        let run = try await find(call)
        let stage = try call(Parameters.stage)
        _ = try await run.stage(stage)
        let explainer = StageExplainer(call.site.engine.state)
        return StageExplanationView(try await explainer.explain(run.row.number, stage))
    }

    private static let cancel = Endpoint.post(
        "/api/v1/runs/{number}/cancel",
        "cancelRun",
        "End a run in order. Asking again changes nothing.",
        access: .role(.developer),
        parameters: [Parameters.number.description],
        isBodyRequired: false,
        limits: ["reason": .string(1...1000)]
    ) { (call, body: CancelBody) in
        let run = try await find(call)
        let reason = body.reason.map { "by \(call.caller.name): \($0)" } ?? "by \(call.caller.name)"
        let number = run.row.number.value
        return switch try await call.site.engine.cancel(run.row.number, reason: reason) {
        case .ended: CancelAnswerView(run: number, answer: .ended)
        case .isRunning: CancelAnswerView(run: number, answer: .asked)
        case .hadEnded(let outcome): CancelAnswerView(run: number, answer: .hadEnded, outcome: outcome)
        case .unknown: throw Problem.unknown("run \(number)")
        }
    }

    private static let rerun = Endpoint.post(
        "/api/v1/runs/{number}/rerun",
        "rerunRun",
        "Run it again, or a part of it.",
        access: .role(.developer),
        parameters: [Parameters.number.description],
        isBodyRequired: false,
        limits: ["stage": .string(1...500)],
        status: .created
    ) { (call, body: RerunBody) in
        let run = try await find(call)
        let isFromFailed = body.fromFailed ?? false
        guard !isFromFailed || body.stage == nil else {
            throw Problem.badRequest("`fromFailed` and `stage` say different things")
        }
        let choice = body.stage.map { RerunChoice.stage(StageID($0)) } ?? (isFromFailed ? .fromFailed : .all)
        return RunCreated(
            number: try await call.site.engine.rerun(run.row.number, choice, actor: call.caller.name).value
        )
    }

    private static let bundle = Endpoint.get(
        "/api/v1/runs/{number}/bundle",
        "runBundle",
        "What it takes to run it again somewhere else, as `runner local --run` does.",
        parameters: [Parameters.number.description]
    ) { call in try await find(call).bundle() }

    private static let search = Endpoint.get(
        "/api/v1/search",
        "search",
        "Lines of logs that hold a text, the newest run first.",
        parameters: [
            Parameters.text.description, Parameters.repository.description, Parameters.since.description,
            Parameters.before.description, Parameters.limit.description,
        ]
    ) { call in
        let search = LogSearch(
            database: call.site.engine.database,
            state: call.site.engine.state,
            text: try call(Parameters.text),
            limit: try call.optional(Parameters.limit) ?? 200
        )
        return try await search.run(
            RunFilter(
                repository: call.optional(Parameters.repository),
                since: call.optional(Parameters.since),
                before: call.optional(Parameters.before)
            )
        )
    }

    private static func find(_ call: Call) async throws -> RunReader {
        try await RunReader.find(call(Parameters.number), call.site.engine)
    }
}
