import ArgumentParser
import FoundationEssentials
import RunnerAPI
import RunnerCore

/// `runner token`: who may ask the daemon over the network, and for what.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Create, list and revoke the tokens that the daemon takes over the network.",
        subcommands: [TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self]
    )
}

struct TokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token and print it, this once.",
        discussion: """
            viewer looks at everything; developer also starts, cancels and repeats runs; approver also lets deployments
            pass; admin may do everything.
            """
    )

    @Argument(help: "What to call it.")
    var name: String

    @Option(name: .long, help: "viewer, developer, approver or admin.")
    var role: Role

    @Option(name: .long, help: "When it ends: 90d, 2027-01-31. Default: never.")
    var expires: String?

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let body = TokenBody(name: name, role: role, expiresAt: try expires.map(TimeOption.future))
        try await daemon.answer {
            try await $0.createToken(body)
        } show: { token in
            Console.result(token.secret)
            Console.error("keep it: it cannot be shown again")
        }
    }
}

struct TokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List tokens, not their secrets.")

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.tokens()
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("there is no token") }
            let (paint, time) = (Paint.ofOutput, TimeText())
            let rows = page.items.map { token -> [TextTable.Cell] in
                [
                    .init(token.name, paint: paint.bold), .init(token.role.rawValue),
                    .init(time.words(token.createdAt)),
                    .init(token.usedAt.map(time.words) ?? "never"), .init(token.expiresAt.map(time.words) ?? "never"),
                ]
            }
            Console.table(TextTable(["NAME", "ROLE", "CREATED", "USED", "ENDS"], rows: rows))
        }
    }
}

struct TokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a token. Who holds it is refused from now on."
    )

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer { client in
            try await client.revokeToken(name)
            return ["revoked": name]
        } show: { _ in
            Console.result("the token \(name) is revoked".forTerminal)
        }
    }
}
