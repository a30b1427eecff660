import ArgumentParser
import Glibc
import RunnerEngine

/// What speaks with remotes, so that it can be killed. Started by the daemon, never by a person.
struct GitHelperCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git-helper",
        abstract: "Speak with remotes: internal.",
        shouldDisplay: false
    )

    mutating func run() throws { try GitHelper.serve(input: STDIN_FILENO, output: STDOUT_FILENO) }
}
