import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner watch`: a run of the server, live, as `runner local` shows its own.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow a run to its end.",
        discussion: """
            Also one that has not begun, or that has ended. The exit code is that of the run.
            Ctrl-C stops the watching, not the run.
            """
    )

    @Argument(help: "The run's number.")
    var run: RunNumber

    @Flag(name: .shortAndLong, help: "Print outcomes, not logs.")
    var quiet = false

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let (number, style) = (run, daemon.json ? WatchSession.Style.json : .people(isQuiet: quiet))
        let code = try await daemon.reach.call { client in
            try await WatchSession(client: client, number: number, style: style).run()
        }
        throw CommandEnd(code: code)
    }
}
