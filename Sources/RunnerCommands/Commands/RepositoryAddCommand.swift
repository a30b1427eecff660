import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner repository add`: watch a repository from now on, without editing a file.
struct RepositoryAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Watch a repository from now on.",
        discussion: """
            At first sight its refs are recorded, and nothing runs; --first-run starts their pipelines, too.
            Files named here are the daemon's: it reads them whenever it looks at the repository.
            """
    )

    /// What becomes of a tag that is moved.
    enum MovedTags: String, ExpressibleByArgument, CaseIterable {
        case record, run
    }

    @Argument(help: "What to call it: letters, digits, `.`, `_`, `-`.")
    var name: String

    @Argument(help: "A path, https://, http://, ssh://, user@host:path or git://.")
    var url: String

    @Option(name: .long, help: "Time between two looks, as 60s.")
    var poll: String?

    @Option(name: .long, help: "What speaks with a remote: auto, libgit2 or git.")
    var transport: RepositoryDefinition.Transport?

    @Flag(name: .long, help: "Start the pipelines of the refs that are there now, too.")
    var firstRun = false

    @Option(name: .long, help: "What becomes of a tag that is moved: record or run.")
    var movedTags: MovedTags?

    @Option(name: .long, help: "The user name.")
    var user: String?

    @Option(name: .long, help: "A file with a password or token, for https.")
    var tokenFile: String?

    @Option(name: .long, help: "A file with a private key, for ssh.")
    var sshKey: String?

    @Option(name: .long, help: "A file with the host keys that are believed, for ssh.")
    var knownHosts: String?

    @Option(name: .long, help: "A file with the secret that signs this repository's webhooks.")
    var webhookSecretFile: String?

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let body = try body()
        try await daemon.answer {
            try await $0.add(body)
        } show: { repository in
            Console.result(RepositoryText.text(repository))
            guard repository.problem == nil, !firstRun else { return }
            Console.error("its refs are recorded; what is pushed from now on runs")
        }
    }

    private func body() throws -> RepositoryBody {
        var credentials: RepositoryBody.Credentials?
        if [user, tokenFile, sshKey, knownHosts].contains(where: { $0 != nil }) {
            credentials = RepositoryBody.Credentials(
                user: user,
                tokenFile: try tokenFile.map(daemon.reach.path),
                sshKey: try sshKey.map(daemon.reach.path),
                knownHosts: try knownHosts.map(daemon.reach.path)
            )
        }
        return RepositoryBody(
            name: name,
            url: isRelativePath ? try daemon.reach.path(url) : url,
            poll: try poll.map(TimeOption.length),
            transport: transport,
            firstRun: firstRun ? true : nil,
            movedTags: movedTags.map { $0 == .run },
            credentials: credentials,
            webhookSecretFile: try webhookSecretFile.map(daemon.reach.path)
        )
    }

    /// `../web.git`, as git takes it: without a colon before the first slash, which would make it a host.
    private var isRelativePath: Bool {
        !url.hasPrefix("/") && !url.hasPrefix("~") && !url.prefix { $0 != "/" }.contains(":")
    }
}
