import Glibc
package import SystemPackage

/// What may be asked of a supervisor while it runs.
package enum SupervisorCommand: String, Sendable, Hashable, Codable, CaseIterable {
    /// End the stages in order (SIGTERM, grace, SIGKILL), then run `finally`.
    case cancel
    /// End everything now, `finally` too.
    case kill
}

/// A directory of commands. Each is an empty file `UNIQUE.COMMAND`, put there by rename, so that none is lost: a full disk
/// has no room for a byte, but mostly for a name.
package struct Inbox: Sendable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    package func send(_ command: SupervisorCommand) throws(SystemFailure) {
        let name = UniqueName.make()
        let aside = path.appending(".\(name)")
        let fd = try checked("create", aside) { open(aside.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
        close(fd)
        do {
            // Whoever watches the directory is told of renames.
            try FileSystem.rename(aside, to: path.appending("\(name).\(command.rawValue)"))
        } catch {
            unlink(aside.cString)
            throw error
        }
    }

    /// Takes out what is there; what cannot be understood is taken out too and returned by its name.
    package func receive() throws(SystemFailure) -> [Result<SupervisorCommand, UnknownCommand>] {
        var commands: [Result<SupervisorCommand, UnknownCommand>] = []
        for name in FileSystem.names(in: path) where !name.hasPrefix(".") {
            let command = FilePath.Component(name)?.extension.flatMap { SupervisorCommand(rawValue: $0) }
            commands.append(command.map { .success($0) } ?? .failure(UnknownCommand(name: name)))
            try TreeRemoval.remove(path.appending(name))
        }
        return commands
    }

    package struct UnknownCommand: Error, Sendable, Hashable {
        package let name: String
    }
}
