import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner backup ENV`: save an environment's data.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make, list and prove backups of an environment's data.",
        subcommands: [BackupMakeCommand.self, BackupListCommand.self, BackupVerifyCommand.self],
        defaultSubcommand: BackupMakeCommand.self
    )
}

struct BackupMakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a backup now, and try it out where the environment's file says how."
    )

    @Argument(help: "The environment.")
    var environment: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.backUp(environment)
        } show: { backup in
            let proof =
                backup.verifiedAt == nil ? "unproven: no script `verify` restores it" : "restored once, and good"
            Console.result("backup \(backup.id): \(backup.name), \(proof)".forTerminal)
        }
    }
}

struct BackupListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the backups of an environment, the newest first."
    )

    @Argument(help: "The environment.")
    var environment: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.backups(of: environment)
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("there is no backup") }
            let paint = Paint.ofOutput
            let rows = page.items.map { backup -> [TextTable.Cell] in
                let proof =
                    backup.problem.map { "no good: \($0)" }
                    ?? backup.verifiedAt.map { "proven \(TimeText().words($0))" } ?? "unproven"
                return [
                    .init("\(backup.id)", paint: paint.bold),
                    .init(TimeText().words(backup.createdAt), paint: paint.dim),
                    .init(backup.bytes.map(ByteCount.words) ?? "elsewhere"), .init(backup.cause), .init(proof),
                    .init(backup.name),
                ]
            }
            Console.table(TextTable(["BACKUP", "MADE", "SIZE", "CAUSE", "PROOF", "NAME"], rows: rows))
        }
    }
}

struct BackupVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Restore a backup into a scratch database, by the environment's script."
    )

    @Argument(help: "Its number.")
    var backup: Int64

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.verifyBackup(backup)
        } show: { _ in
            Console.result("backup \(backup) was restored, and is good")
        }
    }
}

/// `runner restore ENV BACKUP`: bring data back.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring the data of a backup back. What was written since is lost.",
        discussion: "Nothing is deployed there meanwhile. Who did it and why stands in the audit."
    )

    @Argument(help: "The environment, so that nobody restores the wrong one.")
    var environment: String

    @Argument(help: "The backup's number.")
    var backup: Int64

    @Option(name: .long, help: "Why.")
    var reason: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer { client in
            guard try await client.backups(of: environment).items.contains(where: { $0.id == backup }) else {
                throw RunnerError(
                    .input,
                    "environment `\(environment)` has no backup \(backup)",
                    hint: "runner backup list \(environment)"
                )
            }
            return try await client.restoreBackup(backup, reason: reason)
        } show: { row in
            Console.result("\(environment) has the data of \(TimeText.second(row.createdAt)) again".forTerminal)
        }
    }
}

/// `runner migrate ENV`: what is pending.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Apply the pending migrations of an environment's live release, or show them with --plan.",
        discussion: "A deployment does it by itself. A backup comes first where the environment's file says so."
    )

    @Argument(help: "The environment.")
    var environment: String

    @Option(name: .long, help: "Of this release. Default: the live one.")
    var version: String?

    @Flag(name: .long, help: "Show which are applied and which are not; change nothing.")
    var plan = false

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer { client in
            plan
                ? try await client.migrations(of: environment, version: version)
                : try await client.migrate(environment, version: version)
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("there are no migrations") }
            let paint = Paint.ofOutput
            let rows = page.items.map { migration -> [TextTable.Cell] in
                [
                    .init(migration.id, paint: paint.bold), .init(migration.isApplied ? "applied" : "pending"),
                    .init(migration.kind), .init(migration.isReversible ? "reversible" : "no way back"),
                ]
            }
            Console.table(TextTable(["MIGRATION", "STATE", "KIND", "WAY BACK"], rows: rows))
        }
    }
}

/// `runner drill rollback ENV`: would it work?
struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Rehearse what nobody wants to do for the first time in an emergency.",
        subcommands: [DrillRollbackCommand.self]
    )
}

struct DrillRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Prove that an environment could go back to what was live before, without a request noticing.",
        discussion: """
            In idle slots the earlier release is started, looked at and ended. Without slots its files are looked for on
            every target. Exit code 1: it could not.
            """
    )

    @Argument(help: "The environment.")
    var environment: String

    @Flag(name: .long, help: "Do not wait for the end.")
    var noWait = false

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let asked = try await daemon.reach.call { try await $0.drill(environment) }
        if noWait { return Console.result("deployment \(asked.id)") }
        try await DeploymentShowing(daemon).follow(asked.id)
    }
}
