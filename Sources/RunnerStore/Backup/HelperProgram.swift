import CLinux
import Dispatch
import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage

/// A program of the machine that packs or unpacks for us.
struct HelperProgram {
    let path: FilePath

    /// `nil` where the machine has none of that name.
    init?(_ name: String) {
        let variable = getenv("PATH").map { String(cString: $0) } ?? ""
        let places = variable.split(separator: ":").map(String.init) + ["/usr/local/bin", "/usr/bin", "/bin"]
        let found = places.lazy.filter { $0.hasPrefix("/") }.map { FilePath($0).appending(name) }
            .first { access($0.string, X_OK) == 0 && !FileSystem.isDirectory($0) }
        guard let found else { return nil }
        path = found
    }

    /// Runs to its end with these descriptors; throws what it said where it failed.
    func run(_ arguments: [String], input: Int32, output: Int32) async throws {
        try await start(arguments, input: input, output: output).finish()
    }

    func start(_ arguments: [String], input: Int32, output: Int32) throws -> Running {
        let errors = try ErrorText()
        let argv = ([path.string] + arguments).map { strdup($0) } + [nil]
        let variable = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let variables: [String] = ["PATH=\(variable)", "LC_ALL=C.UTF-8"]
        let envp = variables.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let pid = runner_spawn(path.string, argv, envp, nil, input, output, errors.fd)
        guard pid > 0 else { throw SystemFailure("start", path, -pid) }
        return Running(pid: pid, name: path.lastComponent?.string ?? "", errors: errors)
    }

    /// One that was started and must be finished.
    struct Running {
        let pid: pid_t
        let name: String
        fileprivate let errors: ErrorText

        func finish() async throws {
            let pid = pid
            let status = await withCheckedContinuation { continuation in
                // Waiting blocks a thread: not one of the pool's.
                DispatchQueue.global().async {
                    var status: Int32 = 0
                    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                    continuation.resume(returning: status)
                }
            }
            guard status == 0 else {
                throw RunnerError(.errored, "`\(name)` did not do its part", why: errors.text())
            }
        }
    }
}

/// A file without a name that takes what a program complains of.
private final class ErrorText {
    let fd: Int32

    init() throws {
        var name = Array("/tmp/runner-XXXXXX".utf8CString)
        fd = mkstemp(&name)
        guard fd >= 0 else { throw SystemFailure("make file in", "/tmp") }
        unlink(name)
        _ = fcntl(fd, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(fd) }

    func text() -> String {
        var bytes = [UInt8](repeating: 0, count: 2000)
        let count = pread(fd, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
