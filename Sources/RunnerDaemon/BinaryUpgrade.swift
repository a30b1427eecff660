import FoundationEssentials
import Glibc
package import RunnerCore
import RunnerExecution
import RunnerStore
import Synchronization
package import SystemPackage

/// Puts another binary in the place of the running one. The process keeps its id, its supervisors their runs.
package final class BinaryUpgrade: Sendable {
    /// Where the running binary lies.
    let path: FilePath
    private let arguments: [String]
    private let isWanted = Mutex(false)

    package init(arguments: [String] = CommandLine.arguments) throws {
        path = try Programs.own()
        self.arguments = arguments
    }

    package var isRequested: Bool { isWanted.withLock { $0 } }

    /// Checks a binary with this daemon's own arguments, and puts it in place where it lies elsewhere; the old one stays
    /// beside it as `NAME.previous`. Throws, and changes nothing, where the new one would not run.
    package func prepare(_ binary: FilePath?) throws {
        let candidate = binary ?? path
        guard access(candidate.string, X_OK) == 0 else {
            throw RunnerError(
                .input,
                "cannot upgrade to `\(candidate)`",
                why: String(cString: strerror(errno)),
                hint: "name a runner's binary: `runner upgrade --binary FILE`"
            )
        }
        let (code, output) = ProgramOutput.capture(candidate, Array(arguments.dropFirst()) + ["--check"])
        guard code == 0 else {
            throw RunnerError(.input, "cannot upgrade to `\(candidate)`", why: "it does not start: \(output)")
        }
        if candidate != path { try put(candidate) }
        isWanted.withLock { $0 = true }
    }

    /// Becomes the new binary. Returns only where that failed.
    package func exec() -> RunnerError {
        closeOnExec()
        var pointers = ([path.string] + arguments.dropFirst()).map { strdup($0) }
        pointers.append(nil)
        execv(path.string, pointers)
        return RunnerError(.errored, "cannot start `\(path)`", why: String(cString: strerror(errno)))
    }

    private func put(_ binary: FilePath) throws {
        let aside = FilePath("\(path.string).new")
        let previous = FilePath("\(path.string).previous")
        guard let data = try FileSystem.read(binary) else {
            throw RunnerError(.input, "cannot upgrade to `\(binary)`", why: "there is no such file")
        }
        try data.write(to: URL(fileURLWithPath: aside.string))
        chmod(aside.string, 0o755)
        unlink(previous.string)
        guard link(path.string, previous.string) == 0 else { throw SystemFailure("keep", path) }
        try FileSystem.rename(aside, to: path)
    }

    /// Nothing of this process is left open in the next: it opens its own.
    private func closeOnExec() {
        for name in FileSystem.names(in: "/proc/self/fd") {
            guard let descriptor = Int32(name), descriptor > 2 else { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }
}
