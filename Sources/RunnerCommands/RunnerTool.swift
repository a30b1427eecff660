import ArgumentParser
import Git
import Glibc
import RunnerCore
import RunnerStore

/// The whole command line: parses, runs, and turns every kind of end into the documented exit code.
package enum RunnerTool {
    /// Of the product; the build of a release sets it from the tag.
    package static let version = "0.1.0-dev"

    /// Runs the command that the process was started with. Does not return.
    package static func run() async -> Never {
        // A reader that went away is an error of the write, not the end of a run.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try RootCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            end(.succeeded)
        } catch {
            report(error)
        }
    }

    private static func report(_ error: any Error) -> Never {
        switch error {
        case let error as CommandEnd: end(error.code)
        case let error as RunnerError:
            Console.error("\(error)")
            end(error.kind == .input ? .badInput : .errored)
        case let error as DiagnosticsError:
            Console.error(error.diagnostics.map { "\($0)".forTerminal }.joined(separator: "\n"))
            end(.badInput)
        case let error as SystemFailure:
            Console.error("\(RunnerError(.errored, "the system refused", why: error.description))")
            end(.errored)
        case let error as GitError:
            Console.error("\(RunnerError(.errored, "cannot \(error.operation)", why: error.message, hint: error.hint))")
            end(.errored)
        case is DecodingError:
            Console.error("\(RunnerError(.errored, "a record of the runner is damaged", why: "\(error)"))")
            end(.errored)
        default: endAsParsed(error)
        }
    }

    /// Help, version and wrong usage, as ArgumentParser words them; wrong usage is wrong input.
    private static func endAsParsed(_ error: any Error) -> Never {
        let code = RootCommand.exitCode(for: error)
        let text = RootCommand.fullMessage(for: error)
        if code == .success {
            Console.result(text)
            end(.succeeded)
        }
        Console.error(text)
        end(code == .validationFailure ? .badInput : .errored)
    }

    private static func end(_ code: RunnerCore.ExitCode) -> Never { exit(code.rawValue) }
}

/// A command's end that is no error of the command: the outcome of what it ran.
struct CommandEnd: Error {
    let code: RunnerCore.ExitCode
}

struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runner",
        abstract: "A self-hosted, Git-driven CI/CD pipeline runner.",
        discussion: """
            Exit codes: 0 succeeded, 1 a stage failed, 2 the input is wrong,
            3 the runner could not do its part, 4 canceled, 5 timed out.
            """,
        version: RunnerTool.version,
        groupedSubcommands: [
            CommandGroup(
                name: "Here",
                subcommands: [
                    LocalCommand.self, PlanCommand.self, LintCommand.self, SchemaCommand.self, DoctorCommand.self,
                ]
            ),
            CommandGroup(
                name: "Runs of a server",
                subcommands: [
                    RunCommand.self, ListCommand.self, ShowCommand.self, ExplainCommand.self, WatchCommand.self,
                    LogsCommand.self,
                    SearchCommand.self, CancelCommand.self, RerunCommand.self, ShellCommand.self,
                    ArtifactCommand.self,
                ]
            ),
            CommandGroup(
                name: "Environments of a server",
                subcommands: [
                    EnvironmentsCommand.self, DeployCommand.self, PromoteCommand.self, RollbackCommand.self,
                    WhyCommand.self, ApproveCommand.self, RejectCommand.self, SignCommand.self, OverrideCommand.self,
                    DeploymentCommand.self, HistoryCommand.self, VersionCommand.self, HealthCommand.self,
                    FreezeCommand.self, UnfreezeCommand.self, MigrateCommand.self, BackupCommand.self,
                    RestoreCommand.self, DrillCommand.self,
                ]
            ),
            CommandGroup(
                name: "A server",
                subcommands: [
                    ServeCommand.self, RepositoryCommand.self, StatusCommand.self, DrainCommand.self,
                    UpgradeCommand.self, ReloadCommand.self, LockCommand.self, TokenCommand.self,
                    SecretCommand.self, AuditCommand.self, CacheCommand.self, GcCommand.self, StateCommand.self,
                    SuperviseCommand.self, ShellInCommand.self, GitHelperCommand.self,
                ]
            ),
        ]
    )
}
