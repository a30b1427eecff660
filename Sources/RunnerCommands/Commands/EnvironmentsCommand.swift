import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner environments`: what is live where.
struct EnvironmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "environments",
        abstract: "List environments, what is live in each, and what waits for it.",
        discussion: "They are files of the server: `environments/NAME.yml` beside its configuration."
    )

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.environments()
        } show: { page in
            guard !page.items.isEmpty else {
                return Console.error("the server has no environments: see docs/environments.md")
            }
            let paint = Paint.ofOutput
            let rows = page.items.map { environment -> [TextTable.Cell] in
                [
                    .init(environment.name, paint: paint.bold), .init(environment.live?.version ?? "-"),
                    .init(environment.liveSince.map { TimeText().words($0) } ?? "", paint: paint.dim),
                    EnvironmentText.health(environment), .init(EnvironmentText.open(environment)),
                ]
            }
            Console.table(TextTable(["ENVIRONMENT", "LIVE", "SINCE", "HEALTH", "OPEN"], rows: rows))
        }
    }
}

/// `runner version ENV`: what is live there, for scripts.
struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version that is live in an environment.",
        discussion: "Exit code 1 where nothing is."
    )

    @Argument(help: "The environment.")
    var environment: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let view = try await daemon.reach.call { try await $0.environment(environment) }
        if daemon.json { return try Console.document(view.live) }
        guard let live = view.live else { throw CommandEnd(code: .failed) }
        Console.result(live.version.forTerminal)
    }
}

/// `runner health ENV`: whether it is healthy, for people and scripts.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Say whether what is live in an environment is healthy.",
        discussion: "Exit code 1 where it is not, or where nobody knows."
    )

    @Argument(help: "The environment.")
    var environment: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let view = try await daemon.reach.call { try await $0.environment(environment) }
        if daemon.json {
            try Console.document(view)
        } else {
            let when = view.healthAt.map { ", \(TimeText().words($0))" } ?? ""
            let words = view.isHealthy.map { $0 ? "healthy" : "not healthy" } ?? "not known: nobody has looked yet"
            let detail = view.health.map { ": \($0)" } ?? ""
            Console.result("\(view.name) is \(words)\(when)\(detail)".forTerminal)
        }
        if view.isHealthy != true { throw CommandEnd(code: .failed) }
    }
}

/// `runner history ENV`: what went there.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List deployments, the newest first."
    )

    @Argument(help: "Only of this environment.")
    var environment: String?

    @Option(name: .long, help: "The most that are listed.")
    var limit: Int = 20

    @OptionGroup var daemon: DaemonOptions

    mutating func validate() throws {
        if !(1...1000).contains(limit) { throw ValidationError("--limit \(limit): it is 1 to 1000") }
    }

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.deployments(of: environment, limit: limit)
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("nothing was deployed yet") }
            let paint = Paint.ofOutput
            let rows = page.items.map { deployment -> [TextTable.Cell] in
                [
                    .init("\(deployment.id)", paint: paint.bold), .init(deployment.environment),
                    .init(deployment.kind), .init(deployment.release.version), EnvironmentText.status(deployment),
                    .init(TimeText().words(deployment.askedAt), paint: paint.dim), .init(deployment.reason ?? ""),
                ]
            }
            let header = ["DEPLOYMENT", "ENVIRONMENT", "KIND", "VERSION", "STATUS", "ASKED", "REASON"]
            Console.table(TextTable(header, rows: rows))
        }
    }
}
