import FoundationEssentials
package import Git
import Glibc
import RunnerCore
package import RunnerStore
package import SystemPackage

/// A developer's repository as `runner local` sees it: theirs to read, and a store of ours that borrows its objects.
package struct LocalProject: Sendable {
    package let location: RepositoryLocation
    package let repository: Repository
    package let store: StoreRepository
    package let state: StateDirectory
    /// For people, and to tell caches of repositories apart: `web-1a2b3c4d5e`.
    package let name: String

    /// Finds the repository around a directory. Nothing is ever written into it.
    package init(around directory: FilePath, state: StateDirectory) throws {
        do {
            location = try RepositoryLocation.discover(from: directory)
            repository = try Repository(at: location.gitDirectory)
        } catch {
            throw RunnerError(error, kind: .input)
        }
        self.state = state
        let root = location.workDirectory ?? location.gitDirectory
        let label = RunDirectory.directoryName(root.lastComponent?.string ?? "repository")
        name = "\(label)-\(Digest.sha256(location.commonDirectory.string).short)"
        do {
            try state.prepare()
        } catch {
            throw RunnerError(
                .errored,
                "cannot use the state directory `\(state.path)`",
                why: "\(error)",
                hint: "name another one: `--state DIRECTORY` or RUNNER_STATE"
            )
        }
        store = try Self.openStore(name, borrowing: location, in: state)
    }

    /// Opens our store of the repository, or makes it: aside and renamed, because another run may look for it now.
    private static func openStore(
        _ name: String,
        borrowing location: RepositoryLocation,
        in state: StateDirectory
    ) throws -> StoreRepository {
        let path = state.repositories.appending("\(name).git")
        let lock = try FileLock(state.repositories.appending("\(name).lock"), wait: true)
        defer { withExtendedLifetime(lock) {} }
        do {
            if !FileSystem.exists(path) {
                let aside = state.repositories.appending(".\(UniqueName.make())")
                _ = try StoreRepository(at: aside)
                try FileSystem.rename(aside, to: path)
            }
            return try StoreRepository(at: path, borrowing: [location])
        } catch let error as GitError {
            throw RunnerError(error, kind: .errored)
        }
    }

    /// The numbers of a daemon's runs are for it alone to give out.
    package static func refuseDaemonState(_ state: StateDirectory) throws {
        guard FileSystem.exists(state.database) else { return }
        throw RunnerError(
            .input,
            "cannot run in the state directory `\(state.path)`",
            why: "it belongs to a daemon: it holds `\(state.database.lastComponent?.string ?? "")`",
            hint: "name another one: `--state DIRECTORY` or RUNNER_STATE"
        )
    }

    /// `$RUNNER_STATE`, where it is set.
    package static func stateOfEnvironment() -> StateDirectory? {
        guard let path = getenv("RUNNER_STATE"), path.pointee != 0 else { return nil }
        return StateDirectory(FilePath(String(cString: path)).absolute)
    }

    /// `$XDG_STATE_HOME/runner`, else `~/.local/state/runner`.
    package static func usualState() -> StateDirectory {
        if let path = getenv("XDG_STATE_HOME"), path.pointee != 0 {
            return StateDirectory(FilePath(String(cString: path)).appending("runner").absolute)
        }
        return StateDirectory(home().appending(".local").appending("state").appending("runner"))
    }

    /// `$HOME`, else what the user database says.
    package static func home() -> FilePath {
        if let home = getenv("HOME"), home.pointee != 0 { return FilePath(String(cString: home)) }
        if let entry = getpwuid(getuid()), let home = entry.pointee.pw_dir { return FilePath(String(cString: home)) }
        return "/"
    }
}

extension FilePath {
    /// This path seen from the working directory, without `.` and `..`.
    package var absolute: FilePath {
        if isAbsolute { return lexicallyNormalized() }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else { return self }
        return FilePath(platformString: buffer).pushing(self).lexicallyNormalized()
    }
}

extension RunnerError {
    /// What git said, for a person. `kind` is whose move it is.
    init(_ error: GitError, kind: Kind) {
        let kind = error.code == .diskRefuses ? .errored : kind
        self.init(kind, "cannot \(error.operation)", why: error.message, hint: error.hint)
    }
}
