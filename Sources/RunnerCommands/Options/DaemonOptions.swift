import ArgumentParser
import RunnerAPI

/// What every command has that asks a daemon.
struct DaemonOptions: ParsableArguments {
    @OptionGroup var reach: ReachOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    /// Asks, and prints the answer: as the document that the daemon sent, or as `show` has it for people.
    func answer<Answer: Encodable>(
        _ ask: (RunnerClient) async throws -> Answer,
        show: (Answer) throws -> Void
    ) async throws {
        let answer = try await reach.call(ask)
        if json {
            try Console.document(answer)
        } else {
            try show(answer)
        }
    }
}

extension Console {
    /// One JSON document, with times as the API has them.
    static func document(_ value: some Encodable) throws {
        result(String(decoding: try APIJSON.encode(value, pretty: true), as: UTF8.self))
    }

    /// One JSON object on a line of its own: for streams.
    static func line(_ value: some Encodable) throws {
        result(String(decoding: try APIJSON.encode(value), as: UTF8.self))
    }
}
