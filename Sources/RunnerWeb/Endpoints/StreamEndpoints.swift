import HTTPTypes
import Hummingbird
import RunnerAPI
import RunnerCore
import RunnerStore

/// What happens, as it happens.
enum StreamEndpoints {
    static let all: [Endpoint] = [run, changes]

    private static let run = Endpoint(
        name: "runEvents",
        method: .get,
        path: RoutePath("/api/v1/runs/{number}/events"),
        summary: "What happens in a run, until it has ended.",
        access: .role(.viewer),
        parameters: [Parameters.number.description, Parameters.from.description, Parameters.lastEventID.description],
        status: .ok,
        answers: [
            Endpoint.Content(
                type: "text/event-stream",
                shape: nil,
                summary:
                    "`record`, a line of the run's events, and at last `end` with the run; the id is the offset of the byte that follows."
            )
        ]
    ) { call in
        let run = try await RunReader.find(call(Parameters.number), call.site.engine)
        let start = try call.optional(Parameters.lastEventID) ?? call.optional(Parameters.from) ?? 0
        let wakes = call.site.files.wakes(followsEngine: true)
        let stream = RunEventStream(site: call.site, run: run.directory, wakes: wakes)
        return .events(wakes) { events, signals in try await stream.write(to: &events, from: start, signals) }
    }

    private static let changes = Endpoint(
        name: "changes",
        method: .get,
        path: RoutePath("/api/v1/events"),
        summary: "Runs as they change: from now on, or after the last id that came.",
        access: .role(.viewer),
        parameters: [Parameters.lastEventID.description],
        status: .ok,
        answers: [
            Endpoint.Content(
                type: "text/event-stream",
                shape: nil,
                summary:
                    "`run`, a run as it is now; the id is the number of its change. A run that changes often comes once."
            )
        ]
    ) { call in
        let start = try call.optional(Parameters.lastEventID)
        let stream = ChangeStream(site: call.site)
        return .events(call.site.files.wakes(followsEngine: true)) { events, signals in
            try await stream.write(to: &events, after: start, signals)
        }
    }
}
