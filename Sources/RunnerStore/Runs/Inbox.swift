package import SystemPackage

/// What may be asked of a supervisor while it runs.
package enum SupervisorCommand: String, Sendable, Hashable, Codable, CaseIterable {
    /// End the stages in order (SIGTERM, grace, SIGKILL), then run `finally`.
    case cancel
    /// End everything now, `finally` too.
    case kill
}

/// A directory of commands. Each is a file put there by rename, so that none is seen by half or lost.
package struct Inbox: Sendable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    package func send(_ command: SupervisorCommand) throws(SystemFailure) {
        try FileSystem.write(Array(command.rawValue.utf8), to: path.appending("\(UniqueName.make()).command"))
    }

    /// Takes out what is there; what cannot be understood is taken out too and returned as text.
    package func receive() throws(SystemFailure) -> [Result<SupervisorCommand, UnknownCommand>] {
        var commands: [Result<SupervisorCommand, UnknownCommand>] = []
        for name in FileSystem.names(in: path) where name.hasSuffix(".command") {
            let file = path.appending(name)
            let text = try FileSystem.read(file, limit: 4096).map { String(decoding: $0, as: UTF8.self) } ?? ""
            commands.append(
                SupervisorCommand(rawValue: text).map { .success($0) } ?? .failure(UnknownCommand(text: text))
            )
            try TreeRemoval.remove(file)
        }
        return commands
    }

    package struct UnknownCommand: Error, Sendable, Hashable {
        package let text: String
    }
}
