import HTTPTypes
import Hummingbird
import RunnerAPI
import RunnerCore
import RunnerStore

/// Logs, as they are and as they grow.
enum LogEndpoints {
    static let all: [Endpoint] = [stage, step]

    private static let text = Endpoint.Content(
        type: "text/plain; charset=utf-8",
        shape: nil,
        summary: "The bytes as they came."
    )
    private static let stream = Endpoint.Content(
        type: "text/event-stream",
        shape: nil,
        summary:
            "`text` (a JSON text), `bytes` (base64) and at last `end`; the id is the offset of the byte that follows."
    )

    private static let stage = Endpoint(
        name: "stageLog",
        method: .get,
        path: RoutePath("/api/v1/runs/{number}/stages/{stage}/log"),
        summary: "The logs of all steps of a stage, one after the other.",
        access: .role(.viewer),
        parameters: [
            Parameters.number.description, Parameters.stage.description, Parameters.from.description,
            Parameters.grep.description,
        ],
        status: .ok,
        answers: [text]
    ) { call in
        let directory = try await RunReader.find(call(Parameters.number), call.site.engine).stage(
            call(Parameters.stage)
        )
        let files = try StageLogs(directory).all.compactMap { try OpenFile($0.path) }
        return try RawLog(files, call).response
    }

    private static let step = Endpoint(
        name: "stepLog",
        method: .get,
        path: RoutePath("/api/v1/runs/{number}/stages/{stage}/steps/{index}/log"),
        summary: "A step's log; as an event stream where that is accepted.",
        access: .role(.viewer),
        parameters: [
            Parameters.number.description, Parameters.stage.description, Parameters.step.description,
            Parameters.from.description, Parameters.grep.description, Parameters.lastEventID.description,
        ],
        status: .ok,
        answers: [text, stream]
    ) { call in
        let run = try await RunReader.find(call(Parameters.number), call.site.engine)
        let directory = try await run.stage(call(Parameters.stage))
        let step = try call(Parameters.step)
        if call.wantsEvents { return try follow(call, run, directory, step) }
        guard let file = try StageLogs(directory).path(of: step).flatMap({ try OpenFile($0) }) else {
            throw Problem.unknown("log of step \(step)", hint: "it has printed nothing, or there is no such step")
        }
        return try RawLog([file], call).response
    }

    private static func follow(_ call: Call, _ run: RunReader, _ stage: StageDirectory, _ step: Int) throws -> Response
    {
        guard try call.optional(Parameters.grep) == nil else { throw Problem.badRequest("`grep` is not for streams") }
        let start = try call.optional(Parameters.lastEventID) ?? call.optional(Parameters.from) ?? 0
        let wakes = call.site.files.wakes()
        let stream = StepLogStream(site: call.site, run: run.directory, stage: stage, step: step, wakes: wakes)
        return .events(wakes) { events, signals in try await stream.write(to: &events, from: start, signals) }
    }
}

extension Call {
    var wantsEvents: Bool { request.headers[.accept]?.contains("text/event-stream") ?? false }
}
