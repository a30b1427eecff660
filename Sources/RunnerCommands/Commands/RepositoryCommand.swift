import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner repository`: what the daemon watches.
struct RepositoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repository",
        abstract: "Add, list, look at and remove the repositories that the daemon watches.",
        subcommands: [
            RepositoryAddCommand.self, RepositoryListCommand.self, RepositoryShowCommand.self,
            RepositoryFetchCommand.self, RepositoryRemoveCommand.self,
        ]
    )
}

struct RepositoryListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List what is watched.")

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.repositories()
        } show: { page in
            if page.items.isEmpty {
                Console.error("nothing is watched: `runner repository add NAME URL`")
                return
            }
            let paint = Paint.ofOutput
            let rows = page.items.map { repository -> [TextTable.Cell] in
                [
                    .init(repository.name, paint: paint.bold),
                    .init(repository.problem == nil ? "ok" : "problem"),
                    .init(repository.lookedAt.map { TimeText().words($0) } ?? "never", paint: paint.dim),
                    .init(repository.origin, paint: paint.dim), .init(repository.problem ?? repository.url),
                ]
            }
            Console.table(TextTable(["NAME", "STATUS", "LOOKED AT", "ORIGIN", "URL"], rows: rows))
        }
    }
}

struct RepositoryShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one repository.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.repository(name)
        } show: {
            Console.result(RepositoryText.text($0))
        }
    }
}

struct RepositoryFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Look at a repository now, and wait until that is done."
    )

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.fetch(name)
        } show: {
            Console.result("\($0.name.forTerminal): looked at, nothing wrong")
        }
    }
}

struct RepositoryRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Watch a repository no more. Its runs stay."
    )

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer { client in
            try await client.removeRepository(name)
            return ["removed": name]
        } show: { _ in
            Console.result("\(name) is watched no more; its runs stay")
        }
    }
}
