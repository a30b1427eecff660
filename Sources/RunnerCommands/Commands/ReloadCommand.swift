import ArgumentParser
import RunnerAPI

/// `runner reload`: the server's file again.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Let the daemon read its configuration again.",
        discussion: "As SIGHUP does. A file that cannot be used changes nothing, and what is wrong with it is said."
    )

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer { client in
            try await client.reload()
            return ["reloaded": true]
        } show: { _ in
            Console.result("the configuration is read again")
        }
    }
}
