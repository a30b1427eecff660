import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner run`: start a pipeline by hand.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Start a pipeline on the server by hand.",
        discussion: "Whatever it is triggered by, at the branch, tag or commit that --ref names."
    )

    @Argument(help: "A pipeline by name.")
    var pipeline: String

    @Option(name: .long, help: "A repository by name. May be left out where the server watches only one.")
    var repository: String?

    @Option(name: .long, help: "A branch, a tag, a full ref name or a commit. Default: the repository's main branch.")
    var ref: String?

    @Option(name: .long, help: ArgumentHelp("An input of the pipeline; may be given again.", valueName: "name=value"))
    var input: [String] = []

    @Option(name: .long, help: "A stage and what it needs; may be given again.")
    var stage: [String] = []

    @Flag(name: .long, help: "Run stages again that an earlier run had with the same inputs.")
    var noReuse = false

    @OptionGroup var watch: WatchOptions
    @OptionGroup var daemon: DaemonOptions

    mutating func validate() throws { _ = try InputOption.values(input) }

    mutating func run() async throws {
        let request = RunRequestBody(
            pipeline: pipeline,
            repository: repository,
            ref: ref,
            inputs: input.isEmpty ? nil : try InputOption.values(input),
            stages: stage.isEmpty ? nil : stage,
            reuses: noReuse ? false : nil
        )
        let daemon = daemon
        try await watch.follow(daemon) { try await $0.start(request) }
    }
}

/// `--input NAME=VALUE`, as often as it was given.
enum InputOption {
    static func values(_ inputs: [String]) throws -> [String: String] {
        var values: [String: String] = [:]
        for text in inputs {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw ValidationError("--input `\(text)` is not NAME=VALUE")
            }
            values[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return values
    }
}
