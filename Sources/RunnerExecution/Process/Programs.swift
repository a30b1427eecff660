import CLinux
import Glibc
package import RunnerStore
package import SystemPackage

/// Where the machine has a program.
package enum Programs {
    private static let usualPlaces = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"]

    /// Looks along `PATH`, then in the usual places; `nil` where there is none.
    package static func find(_ name: String) -> FilePath? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        for directory in path.split(separator: ":").map(String.init) + usualPlaces where directory.hasPrefix("/") {
            let candidate = FilePath(directory).appending(name)
            if access(candidate.string, X_OK) == 0, !FileSystem.isDirectory(candidate) { return candidate }
        }
        return nil
    }

    /// This very program; where its file was replaced, what stands there now.
    package static func own() throws(SystemFailure) -> FilePath {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/exe", &buffer, Int(PATH_MAX)) > 0 else {
            throw SystemFailure("read", "/proc/self/exe")
        }
        let path = FilePath(platformString: buffer)
        // The kernel says so of a file that is gone from its place.
        let mark = " (deleted)"
        guard path.string.hasSuffix(mark), !FileSystem.exists(path) else { return path }
        return FilePath(String(path.string.dropLast(mark.count)))
    }
}

/// A short helper program and what it says.
package enum ProgramOutput {
    /// Runs it to its end, at most ten seconds; output and errors together, at most 4 KiB, blanks trimmed.
    package static func capture(_ program: FilePath, _ arguments: [String]) -> (code: Int32, output: String) {
        var ends: [Int32] = [-1, -1]
        guard runner_pipe(&ends) == 0 else { return (127, "no descriptor left") }
        defer { close(ends[0]) }
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let launch = Launch(
            executable: program,
            arguments: arguments,
            environment: ["PATH": path, "LC_ALL": "C.UTF-8"]
        )
        do {
            let child = try ChildProcess(launch, input: null, output: ends[1])
            close(ends[1])
            return (finish(child, output: ends[0]))
        } catch {
            close(ends[1])
            return (127, "\(error)")
        }
    }

    private static func finish(_ child: ChildProcess, output: Int32) -> (code: Int32, output: String) {
        var waited = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
        if poll(&waited, 1, 10_000) == 0 { child.killAll() }
        let code = child.wait()
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = max(0, read(output, &bytes, bytes.count))
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return (code, text.split(whereSeparator: \.isNewline).joined(separator: " "))
    }
}
