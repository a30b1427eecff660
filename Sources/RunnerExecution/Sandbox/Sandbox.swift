import RunnerCore
import RunnerStore
import SystemPackage

/// Turns "run this script in this stage" into a program to start.
///
/// In a sandbox that is bubblewrap with its own user, mount, process and IPC namespaces: all of the machine read-only,
/// only workspace, home and `/tmp` writable, no capability, and nothing survives its end. Without one it is the shell
/// itself under a guard process.
struct Sandbox: Sendable {
    let isolation: Isolation
    let machine: MachineView
    let places: StagePlaces
    let network: Network
    /// Artifacts by name, laid out on this machine.
    let artifacts: [String: FilePath]
    /// Where the machine has it.
    let bubblewrap: FilePath?
    /// A directory of secrets as files, to be shown at `SecretFiles.visible`.
    var secretFiles: FilePath?
    /// What holds the stage to its limits.
    var group: StageGroup?

    var visible: VisiblePlaces {
        switch isolation {
        case .sandbox: .sandbox
        case .none: VisiblePlaces(places)
        }
    }

    /// `command` is the shell and its arguments; `directory` is relative to the workspace.
    func launch(_ command: [String], environment: [String: String], directory: String?) throws -> Launch {
        var launch = try program(command, environment: environment, directory: directory)
        launch.groups = group?.groups ?? []
        return launch
    }

    private func program(_ command: [String], environment: [String: String], directory: String?) throws -> Launch {
        let inside = directory.map { "\(visible.workspace)/\($0)" } ?? visible.workspace
        guard let executable = command.first else { preconditionFailure("a command has at least a program") }
        switch isolation {
        case .none:
            return Launch(
                executable: FilePath(executable),
                arguments: Array(command.dropFirst()),
                environment: environment,
                directory: FilePath(inside),
                guarding: .everything
            )
        case .sandbox:
            guard let bubblewrap else {
                throw RunnerError(
                    .errored,
                    "cannot make a sandbox",
                    why: "bubblewrap (`bwrap`) is not installed",
                    hint: "apt-get install bubblewrap"
                )
            }
            return Launch(
                executable: bubblewrap,
                arguments: arguments(directory: inside) + ["--"] + command,
                environment: environment,
                // Bubblewrap ends before its namespace does, and knows of its parent's end only once it is set up.
                guarding: .contents
            )
        }
    }

    private func arguments(directory: String) -> [String] {
        let visible = visible
        var arguments = [
            "--unshare-user", "--uid", SandboxUsers.identifier, "--gid", SandboxUsers.identifier,
            "--unshare-pid", "--unshare-ipc", "--die-with-parent",
        ]
        if network == .none { arguments.append("--unshare-net") }
        arguments += machine.arguments
        arguments += ["--bind", places.temporary.string, visible.temporary]
        if FileSystem.isDirectory("/var/tmp") { arguments += ["--bind", places.temporary.string, "/var/tmp"] }
        arguments += machine.exposed
        arguments += ["--bind", places.home.string, visible.home]
        arguments += ["--bind", places.exchange.string, visible.exchange]
        arguments += ["--bind", places.workspace.string, visible.workspace]
        for (name, path) in artifacts.sorted(by: { $0.key < $1.key }) {
            arguments += ["--ro-bind", path.string, "\(visible.artifacts)/\(name)"]
        }
        if let secretFiles { arguments += ["--ro-bind", secretFiles.string, SecretFiles.visible] }
        return arguments + ["--chdir", directory]
    }
}
