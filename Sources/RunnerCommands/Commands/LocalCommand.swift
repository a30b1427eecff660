import ArgumentParser
import Glibc
import RunnerAPI
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

    @Option(name: .long, help: "Run again here what the server ran under this number, and say what differs.")
    var run: RunNumber?

    @OptionGroup(title: "With --run") var reach: ReachOptions

    @Flag(name: .long, help: "Run stages again that an earlier run had with the same inputs.")
    var noReuse = false

    @Flag(name: .long, help: "When a stage fails, open a shell in its workspace: same sandbox, same variables.")
    var shellOnFailure = false

    @Flag(name: .long, help: "Print one JSON document instead of logs.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print outcomes, not logs.")
    var quiet = false

    private static let noTerminal = "leave `--shell-on-failure` out; a failed stage's workspace is kept all the same"

    mutating func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs): at least one stage runs at a time") }
        if json, shellOnFailure { throw ValidationError("--json and --shell-on-failure exclude each other") }
        if run != nil, let other = selectors.othersThanStages {
            throw ValidationError("--run says what to run: it and \(other) exclude each other")
        }
    }

    mutating func run() async throws {
        Interrupts.beforeRuns()
        if shellOnFailure { try KeptShell.requireTerminal(hint: Self.noTerminal) }
        try LocalProject.refuseDaemonState(places.stateDirectory())
        let project = try places.project()
        var configuration = try places.configuration()
        if let isolation { configuration.isolation = isolation }
        let secrets = try SecretSources(names: secret, file: secretsFile).values()
        let reproduction = try await reproduction(in: project, configuration, secrets: Set(secrets.keys))
        let planning: LocalPlanning
        if let reproduction {
            planning = reproduction.planning
        } else {
            planning = try await LocalPlanning.make(selectors.request, in: project)
        }
        let options = LocalOptions(
            configuration: configuration,
            jobs: jobs,
            secrets: secrets,
            reuses: !noReuse
        )
        let session = LocalSession(
            project: project,
            planning: planning,
            options: options,
            selectors: run.map { ["--run", "\($0)"] } ?? selectors.arguments,
            style: LocalSession.Style(isJSON: json, isQuiet: quiet, opensShell: shellOnFailure),
            reproduction: reproduction
        )
        throw CommandEnd(code: try await session.run())
    }

    private func reproduction(
        in project: LocalProject,
        _ configuration: RunnerConfiguration,
        secrets: Set<String>
    ) async throws -> Reproduction? {
        guard let run else { return nil }
        let bundle = try await reach.call { try await $0.bundle(of: run) }
        return try await Reproduction(
            bundle,
            stages: selectors.stage,
            in: project,
            configuration: configuration,
            secrets: secrets
        )
    }
}

extension RunnerConfiguration.Isolation: ExpressibleByArgument {}
