import ArgumentParser
import RunnerAPI

/// `runner lock`: what runs hold so that others wait.
struct LockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "List and break the locks that runs hold.",
        subcommands: [LockListCommand.self, LockBreakCommand.self]
    )
}

struct LockListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List locks and who holds them.")

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.locks()
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("no lock is held") }
            let paint = Paint.ofOutput
            let rows = page.items.map { lock -> [TextTable.Cell] in
                [
                    .init(lock.name, paint: paint.bold), .init("run \(lock.run)"),
                    .init(TimeText().words(lock.takenAt), paint: paint.dim), .init(lock.reason),
                ]
            }
            Console.table(TextTable(["NAME", "HOLDER", "TAKEN", "REASON"], rows: rows))
        }
    }
}

struct LockBreakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "break",
        abstract: "Take a lock away from its holder, so that the next one may begin.",
        discussion: "The holder goes on: both may run at once. Who broke it and why stands in the audit."
    )

    @Argument(help: "Its name.")
    var name: String

    @Option(name: .long, help: "Why, for the record.")
    var reason: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer { client in
            try await client.breakLock(name, reason: reason)
            return ["broken": name]
        } show: { _ in
            Console.result("the lock \(name) is broken".forTerminal)
        }
    }
}
