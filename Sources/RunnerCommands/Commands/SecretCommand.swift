import ArgumentParser
import FoundationEssentials
import RunnerAPI
import RunnerCore

/// `runner secret`: the secrets that a daemon keeps for its stages.
struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Keep, list, rotate and remove the secrets that a daemon gives to stages, and see who got them.",
        subcommands: [
            SecretSetCommand.self, SecretListCommand.self, SecretRotateCommand.self, SecretRemoveCommand.self,
            SecretAuditCommand.self, SecretRekeyCommand.self,
        ]
    )
}

struct SecretSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Keep a value, which is read from standard input.",
        discussion: """
            A terminal does not show what is typed. One line end is taken off. Who gets it is decided by `secrets` in the
            server's file; without a rule, protected refs do. A name that is there already gets a new version.
            """
    )

    @OptionGroup var value: SecretValueOptions
    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.keep(try value.body(isRotation: false))
        } show: { kept in
            SecretText.show(kept, "is kept as version \(kept.version)")
        }
    }
}

struct SecretRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a secret a new value, which is read from standard input.",
        discussion: "The value before is forgotten. Runs that have begun go on with it."
    )

    @OptionGroup var value: SecretValueOptions
    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.keep(try value.body(isRotation: true))
        } show: { kept in
            let used = kept.usedAt.map { "last went to a run \(TimeText().words($0))" } ?? "went to no run"
            SecretText.show(kept, "has version \(kept.version) now; it \(used)")
        }
    }
}

struct SecretListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List secrets, not their values.")

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.secrets()
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("the server keeps no secret") }
            let (paint, time) = (Paint.ofOutput, TimeText())
            let rows = page.items.map { secret -> [TextTable.Cell] in
                [
                    .init(secret.name, paint: paint.bold), .init(secret.environment ?? "all"),
                    .init("v\(secret.version)"), .init(time.words(secret.createdAt)), .init(secret.createdBy),
                    .init(secret.usedAt.map(time.words) ?? "never"),
                    .init(secret.isOverruled ? "a command wins" : ""),
                ]
            }
            Console.table(TextTable(["NAME", "ENVIRONMENT", "VERSION", "SET", "BY", "USED", ""], rows: rows))
        }
    }
}

struct SecretRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a secret with all its versions.",
        discussion: "Who got it stays on record. Without --environment, the values of all environments go."
    )

    @Argument(help: "Its name.")
    var name: String

    @Option(name: .long, help: "Only the value of this environment.")
    var environment: String?

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.removeSecret(name, environment: environment)
        } show: { _ in
            Console.result("the secret \(name) is removed".forTerminal)
        }
    }
}

struct SecretAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show which stages got which secrets, the newest first."
    )

    @Argument(help: "Only of this secret.")
    var name: String?

    @Option(name: .long, help: "The most to show.")
    var limit = 100

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.secretUses(of: name, limit: limit)
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("no stage got one") }
            let (paint, time) = (Paint.ofOutput, TimeText())
            let rows = page.items.map { use -> [TextTable.Cell] in
                [
                    .init(time.words(use.at)), .init(use.name, paint: paint.bold), .init(use.version),
                    .init("\(use.run)"), .init(use.stage), .init(use.repository), .init(use.ref),
                ]
            }
            Console.table(TextTable(["WHEN", "SECRET", "VERSION", "RUN", "STAGE", "REPOSITORY", "REF"], rows: rows))
        }
    }
}

struct SecretRekeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Make a new key, and seal every stored secret with it.",
        discussion: "Backups made before need the old key: keep it with them."
    )

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.rekeySecrets()
        } show: { count in
            Console.result("\(count.secrets) secrets are sealed with a new key")
        }
    }
}

extension SecretText {
    /// What became of a value, and what there is to know about it.
    fileprivate static func show(_ kept: SecretKept, _ what: String) {
        let place = kept.environment.map { " of environment \($0)" } ?? ""
        Console.result("the secret \(kept.name)\(place) \(what)".forTerminal)
        for warning in kept.warnings { Console.error("warning: \(warning)".forTerminal) }
    }
}
