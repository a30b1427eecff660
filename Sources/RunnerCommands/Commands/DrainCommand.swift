import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner drain`: no new runs, until told otherwise.
struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let the daemon start nothing new; what runs goes on.",
        discussion: "It goes on watching, and what is pushed waits. It stays so over restarts, until --off."
    )

    @Flag(name: .long, help: "Take work again.")
    var off = false

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer { client in
            if off { try await client.resume() } else { try await client.drain() }
        } show: {
            Console.result(StatusText.text($0))
        }
    }
}
