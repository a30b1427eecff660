import ArgumentParser
import RunnerAPI

/// `runner deployment`: one attempt to bring an environment to a release.
struct DeploymentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployment",
        abstract: "Show, follow, end or go on with a deployment.",
        subcommands: [
            DeploymentShowCommand.self, DeploymentWatchCommand.self, DeploymentCancelCommand.self,
            DeploymentContinueCommand.self, DeploymentAbandonCommand.self,
        ]
    )
}

struct DeploymentShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a deployment with its steps and all that happened."
    )

    @Argument(help: "Its number.")
    var deployment: Int64

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        if daemon.json {
            return try await daemon.answer {
                try await $0.deployment(deployment)
            } show: { _ in
            }
        }
        let (view, events) = try await daemon.reach.call { client in
            (try await client.deployment(deployment), try await client.events(ofDeployment: deployment))
        }
        Console.result(EnvironmentText.text(view))
        let paint = Paint.ofOutput
        let rows = events.items.map { event -> [TextTable.Cell] in
            [.init(TimeText.second(event.at), paint: paint.dim), .init(event.kind), .init(event.text)]
        }
        if !rows.isEmpty { Console.table(TextTable(rows: rows, indentation: 2)) }
    }
}

struct DeploymentWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow a deployment to its end, and end as it does."
    )

    @Argument(help: "Its number.")
    var deployment: Int64

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws { try await DeploymentShowing(daemon).follow(deployment) }
}

struct DeploymentCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End one that waits; take back one that is under way."
    )

    @Argument(help: "Its number.")
    var deployment: Int64

    @Option(name: .long, help: "Why, for the record.")
    var reason: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.cancelDeployment(deployment, reason: reason)
        } show: { view in
            let words = view.status == .finished ? "is canceled" : "is being taken back"
            Console.result("deployment \(deployment) \(words)")
        }
    }
}

struct DeploymentContinueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "continue",
        abstract: "Go on with one that waits for a person half-way: its step is done again."
    )

    @Argument(help: "Its number.")
    var deployment: Int64

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.continueDeployment(deployment)
        } show: { _ in
            Console.result("deployment \(deployment) goes on")
        }
    }
}

struct DeploymentAbandonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abandon",
        abstract: "Give up one that can go neither on nor back: the environment stays as it is, and is free."
    )

    @Argument(help: "Its number.")
    var deployment: Int64

    @Option(name: .long, help: "Why, for the record.")
    var reason: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.abandonDeployment(deployment, reason: reason)
        } show: { _ in
            Console.result("deployment \(deployment) is given up")
        }
    }
}
