import Glibc

/// The shell that steps are run by: bash with errors and failed pipes fatal, else sh with errors fatal.
package struct Shell: Sendable, Hashable {
    /// Program and arguments, the script's path to follow.
    let command: [String]

    /// As it is printed in each run: `bash -e -o pipefail`.
    package var description: String {
        command.filter { !$0.hasPrefix("--") }.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
            .joined(separator: " ")
    }

    /// The same program for a person at a terminal, where a failing command is no end.
    static let interactive: [String] =
        machine.command.count > 2
        ? [machine.command[0], "--noprofile", "--norc", "-i"] : [machine.command[0], "-i"]

    /// The machine's own.
    package static let machine: Shell = {
        for path in ["/bin/bash", "/usr/bin/bash"] where access(path, X_OK) == 0 {
            return Shell(command: [path, "--noprofile", "--norc", "-e", "-o", "pipefail"])
        }
        return Shell(command: ["/bin/sh", "-e"])
    }()
}
