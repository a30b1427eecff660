import ArgumentParser
import RunnerAPI
import RunnerCore
import RunnerStore
import RunnerWeb

/// `runner cache`: what stages may find again.
struct CacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "List caches, say why a stage found which, and take them away.",
        subcommands: [
            CacheListCommand.self, CacheShowCommand.self, CacheExplainCommand.self, CacheRemoveCommand.self,
        ]
    )
}

/// Whose caches: a daemon's, or those of `runner local`.
struct CacheOptions: ParsableArguments {
    @Flag(name: .long, help: "Those of `runner local` on this machine; no daemon is asked.")
    var local = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var places: PlaceOptions

    /// Asks a daemon or looks at the disk, and prints the answer.
    func answer<Answer: Encodable>(
        asking ask: (RunnerClient) async throws -> Answer,
        looking look: (StateDirectory) throws -> Answer,
        show: (Answer) throws -> Void
    ) async throws {
        guard local else { return try await daemon.answer(ask, show: show) }
        let answer = try look(places.stateDirectory())
        if daemon.json {
            try Console.document(answer)
        } else {
            try show(answer)
        }
    }
}

struct CacheListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the caches that stages may find, the one saved last first."
    )

    @Option(name: .long, help: "Only of this repository.")
    var repository: String?

    @OptionGroup var options: CacheOptions

    mutating func run() async throws {
        try await options.answer {
            try await $0.caches(repository: repository)
        } looking: {
            Page(try CacheReport($0).views(nil, repository: repository))
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("no cache is saved") }
            Console.table(CacheText.table(page.items))
        }
    }
}

struct CacheShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "All that is known of a cache."
    )

    @Argument(help: "Its name, or its key.")
    var cache: String

    @Option(name: .long, help: "Only of this repository.")
    var repository: String?

    @OptionGroup var options: CacheOptions

    mutating func run() async throws {
        try await options.answer { client in
            try await client.caches(cache, repository: repository)
        } looking: { state in
            Page(try CacheReport(state).views(cache, repository: repository))
        } show: { page in
            guard !page.items.isEmpty else { throw CacheReport.unknown(cache) }
            Console.result(page.items.map { CacheText.detail($0) }.joined(separator: "\n\n"))
        }
    }
}

struct CacheExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "What was looked for, found and saved for the caches of a stage, and why.",
        discussion: "It is what happened then, as the stage wrote it down; not what would happen now."
    )

    @Argument(help: "The number of the run.")
    var run: RunNumber

    @Argument(help: "The stage's name.")
    var stage: String

    @OptionGroup var options: CacheOptions

    mutating func run() async throws {
        try await options.answer { client in
            try await client.caches(of: run.value, stage: stage)
        } looking: { state in
            let directory = state.run(run).stage(StageID(stage))
            guard FileSystem.isDirectory(directory.path) else {
                throw RunnerError(
                    .input,
                    "run \(run) has no stage `\(stage)`",
                    why: "there is no \(directory.path)",
                    hint: "the run and its stages are named in the first lines of `runner local`"
                )
            }
            return try CacheReport.explanation(of: directory, run: run, stage: StageID(stage))
        } show: { answer in
            Console.result(CacheText.explanation(answer))
        }
    }
}

struct CacheRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take caches away, so that the next stage begins anew.",
        discussion: "What a stage uses now stays, and is named. A daemon writes down who did it."
    )

    @Argument(help: "A name, or a key.")
    var cache: String?

    @Flag(name: .long, help: "All of that key; without one, every cache.")
    var all = false

    @Option(name: .long, help: "Only of this repository.")
    var repository: String?

    @OptionGroup var options: CacheOptions

    mutating func validate() throws {
        if cache == nil, !all { throw ValidationError("name a cache or a key, or say --all") }
    }

    mutating func run() async throws {
        let body = CacheRemovalBody(cache: cache, repository: repository, all: all)
        var left = 0
        try await options.answer { client in
            let answer = try await client.removeCaches(body)
            left = answer.inUse.count
            return answer
        } looking: { state in
            let answer = try CacheReport(state).remove(body)
            left = answer.inUse.count
            return answer
        } show: { answer in
            for view in answer.removed { Console.result("removed \(view.id): \(view.key)".forTerminal) }
            for view in answer.inUse { Console.error("stays: \(view.id): \(view.key): a stage uses it".forTerminal) }
            Console.error("\(ByteCount.words(answer.bytes)) given back")
        }
        if left > 0 { throw CommandEnd(code: .errored) }
    }
}
