import CLinux
import Glibc
package import RunnerStore
import SystemPackage

/// A program that has the terminal until it ends.
package enum ForegroundProgram {
    /// Where it finds what it is handed.
    package static let handedDescriptor: Int32 = 3

    /// Runs it on the calling thread, which must be its own from beginning to end: the program ends with it. What a
    /// person types meanwhile, `Ctrl-C` too, is meant for the program. `bytes` reach it through a pipe.
    package static func run(_ launch: Launch, handing bytes: [UInt8]) throws(SystemFailure) -> Int32 {
        var ends: [Int32] = [-1, -1]
        try checked("make pipe for", launch.executable) { runner_pipe(&ends) }
        let ignored = [SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN, SIGPIPE]
        let previous = ignored.map { signal($0, SIG_IGN) }
        var modes = termios()
        let hasModes = tcgetattr(STDIN_FILENO, &modes) == 0
        defer {
            // The shell may have ended without giving the terminal back.
            tcsetpgrp(STDIN_FILENO, getpgrp())
            if hasModes { tcsetattr(STDIN_FILENO, TCSADRAIN, &modes) }
            for (number, handler) in zip(ignored, previous) { signal(number, handler) }
        }
        let pid = withCStrings([launch.executable.string] + launch.arguments) { arguments in
            withCStrings(launch.environment.map { "\($0.key)=\($0.value)" }.sorted()) { variables in
                runner_spawn_foreground(launch.executable.string, arguments, variables, ends[0])
            }
        }
        close(ends[0])
        defer { if pid < 0 { close(ends[1]) } }
        guard pid > 0 else { throw SystemFailure("start", launch.executable, -pid) }
        // A program that reads none of it has its reasons, and says them itself.
        _ = bytes.withUnsafeBytes { FileSystem.writeAll($0, to: ends[1]) }
        close(ends[1])
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let number = status & 0x7f
        return number == 0 ? (status >> 8) & 0xff : 128 + number
    }
}
