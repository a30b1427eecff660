import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner deploy ENV [RELEASE]`: ask for a deployment.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Ask for a release to go to an environment, through all its gates.",
        discussion: "Waits until it is live or not, unless --no-wait. Exit code 1: refused, or taken back."
    )

    @Argument(help: "The environment.")
    var environment: String

    @Argument(help: "The release's version. Default: the newest.")
    var release: String?

    @OptionGroup var deploying: DeployingOptions
    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        if deploying.dryRun { return try await deploying.rehearse(daemon, environment, rollback: false, release) }
        let asked = try await daemon.reach.call { try await $0.deploy(release, to: environment) }
        try await deploying.follow(daemon, asked)
    }
}

/// `runner promote RELEASE ENV`: the same, the way people say it.
struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Ask for a release that is live somewhere to go to another environment: the same bytes.",
        discussion: "As `runner deploy ENVIRONMENT RELEASE`."
    )

    @Argument(help: "The release's version.")
    var release: String

    @Argument(help: "The environment.")
    var environment: String

    @OptionGroup var deploying: DeployingOptions
    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        if deploying.dryRun { return try await deploying.rehearse(daemon, environment, rollback: false, release) }
        let asked = try await daemon.reach.call { try await $0.deploy(release, to: environment) }
        try await deploying.follow(daemon, asked)
    }
}

/// `runner rollback ENV`: go back.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to what was live before, at once: no gate but the environment's lock holds it up.",
        discussion: "Where the release still runs in the idle slots, one switch of the traffic is all."
    )

    @Argument(help: "The environment.")
    var environment: String

    @Option(name: .long, help: "The version to go back to. Default: the one before the live one.")
    var to: String?

    @Option(name: .long, help: "Why, for the record.")
    var reason: String?

    @OptionGroup var deploying: DeployingOptions
    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        if deploying.dryRun { return try await deploying.rehearse(daemon, environment, rollback: true, to) }
        let asked = try await daemon.reach.call { try await $0.rollBack(environment, to: to, reason: reason) }
        try await deploying.follow(daemon, asked)
    }
}

/// What commands have that ask for a deployment.
struct DeployingOptions: ParsableArguments {
    @Flag(name: .long, help: "Say what would be done, and do nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Do not wait for the end.")
    var noWait = false

    func rehearse(_ daemon: DaemonOptions, _ environment: String, rollback: Bool, _ version: String?) async throws {
        try await daemon.answer {
            try await $0.rehearse(environment, rollback: rollback, version: version)
        } show: { rehearsal in
            let verb = rollback ? "would go back to" : "would deploy"
            let head = "\(verb) \(rehearsal.release.version) in \(rehearsal.environment)".forTerminal
            let steps = rehearsal.steps.enumerated().map { ("\($0.offset + 1)", $0.element) }
            Console.result(EnvironmentText.lines(steps, head: Paint.ofOutput.bold(head)))
            for note in rehearsal.notes { Console.result(TextLayout.ofOutput.paragraph(" ", note.forTerminal)) }
        }
    }

    /// Shows what happens until the end, and ends as that did.
    func follow(_ daemon: DaemonOptions, _ asked: DeploymentView) async throws {
        if noWait {
            if daemon.json { return try Console.document(asked) }
            return Console.result("deployment \(asked.id): `runner deployment watch \(asked.id)` follows it")
        }
        try await DeploymentShowing(daemon).follow(asked.id)
    }
}
