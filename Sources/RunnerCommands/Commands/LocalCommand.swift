import ArgumentParser
import Glibc
import RunnerCore
import RunnerEngine
import RunnerExecution
import RunnerStore
import SystemPackage

/// `runner local`: the pipelines of this repository, run here as a server would.
struct LocalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local",
        abstract: "Run this repository's pipelines here, as a server would.",
        discussion: """
            Without selectors: the pipelines that the current branch would trigger, on the working tree as it is.
            Your directory is never written to: stages work on an isolated copy that costs only what they change.
            """
    )

    @OptionGroup var selectors: SelectorOptions
    @OptionGroup var places: PlaceOptions

    @Option(name: .shortAndLong, help: "Stages at a time. Default: one per processor.")
    var jobs: Int?

    @Option(name: .long, help: "auto, required or none.")
    var isolation: RunnerConfiguration.Isolation?

    @Option(name: .long, help: "A secret, taken from the variable of that name; may be given again.")
    var secret: [String] = []

    @Option(name: .long, help: "A file of secrets: lines NAME=VALUE.")
    var secretsFile: String?

    @Flag(name: .long, help: "Run stages again that an earlier run had with the same inputs.")
    var noReuse = false

    @Flag(name: .long, help: "When a stage fails, open a shell in its workspace: same sandbox, same variables.")
    var shellOnFailure = false

    @Flag(name: .long, help: "Print one JSON document instead of logs.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print outcomes, not logs.")
    var quiet = false

    mutating func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs): at least one stage runs at a time") }
        if json, shellOnFailure { throw ValidationError("--json and --shell-on-failure exclude each other") }
    }

    mutating func run() async throws {
        Interrupts.beforeRuns()
        if shellOnFailure { try FailureShell.requireTerminal() }
        try LocalProject.refuseDaemonState(places.stateDirectory())
        let project = try places.project()
        let planning = try await LocalPlanning.make(selectors.request, in: project)
        var configuration = try places.configuration()
        if let isolation { configuration.isolation = isolation }
        let options = LocalOptions(
            configuration: configuration,
            jobs: jobs,
            secrets: try SecretSources(names: secret, file: secretsFile).values(),
            reuses: !noReuse
        )
        let session = LocalSession(
            project: project,
            planning: planning,
            options: options,
            selectors: selectors,
            style: LocalSession.Style(isJSON: json, isQuiet: quiet, opensShell: shellOnFailure)
        )
        throw CommandEnd(code: try await session.run())
    }
}

extension RunnerConfiguration.Isolation: ExpressibleByArgument {}
