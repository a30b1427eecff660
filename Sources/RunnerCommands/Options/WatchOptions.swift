import ArgumentParser
import RunnerAPI
import RunnerCore

/// What the commands have that make a run.
struct WatchOptions: ParsableArguments {
    @Flag(name: .long, help: "Follow the run to its end. The exit code is that of the run.")
    var watch = false

    /// Makes a run and says its number, or follows it.
    func follow(_ daemon: DaemonOptions, make: (RunnerClient) async throws -> RunNumber) async throws {
        try await daemon.reach.call { client in
            let number = try await make(client)
            guard watch else {
                if daemon.json {
                    try Console.document(RunCreated(number: number.value))
                } else {
                    Console.result("run \(number)")
                    Console.error("follow it: runner watch \(number)")
                }
                return
            }
            let watch = WatchSession(
                client: client,
                number: number,
                style: daemon.json ? .json : .people(isQuiet: false)
            )
            throw CommandEnd(code: try await watch.run())
        }
    }
}
