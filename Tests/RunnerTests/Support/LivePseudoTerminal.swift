import CLinux
import Dispatch
import Glibc
import SystemPackage

/// A terminal of a given size with the real `runner` in it.
final class LivePseudoTerminal: @unchecked Sendable {
    // Unchecked: used by one thread at a time, that of `run`.
    private let main: Int32
    private let pid: pid_t
    private var output: [UInt8] = []

    /// Starts `runner` with the arguments in the fixture's repository.
    init(
        _ fixture: RunnerFixture,
        _ arguments: [String],
        rows: Int,
        columns: Int,
        environment: [String: String] = [:]
    ) throws {
        main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number) = (Int32(0), Int32(0))
        // Their numbers are macros that Swift does not see: unlock, and the number of the other end.
        guard main >= 0, ioctl(main, 0x4004_5431, &lock) == 0, ioctl(main, 0x8004_5430, &number) == 0 else {
            throw RunnerFixture.Failure(description: "no terminal: errno \(errno)")
        }
        let other = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(other) }
        let variables = fixture.environment.merging(["TERM": "xterm-256color"]) { $1 }.merging(environment) { $1 }
        let program = RunnerFixture.program.string
        let argv = ([program] + arguments).map { strdup($0) } + [nil]
        let envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(main, UInt(TIOCSWINSZ), &size) == 0 else {
            throw RunnerFixture.Failure(description: "no size: errno \(errno)")
        }
        pid = runner_spawn(program, argv, envp, fixture.repository.string, other, other, other)
        guard pid > 0 else { throw RunnerFixture.Failure(description: "cannot start \(program): errno \(-pid)") }
    }

    deinit { close(main) }

    /// What the terminal was sent until the program ended. `action` is done once, as soon as `marker` has come.
    func run(
        marker: String = "",
        seconds: Int = 60,
        action: @escaping @Sendable (LivePseudoTerminal) -> Void = { _ in }
    ) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            // Reading blocks: not on a thread of the test's own pool.
            DispatchQueue.global().async { [self] in
                continuation.resume(with: Result { try read(marker: marker, seconds: seconds, action) })
            }
        }
    }

    func resize(rows: Int, columns: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(main, UInt(TIOCSWINSZ), &size)
        output += Array("<resized>".utf8)
    }

    func send(_ signal: Int32) { kill(pid, signal) }

    private func read(marker: String, seconds: Int, _ action: (LivePseudoTerminal) -> Void) throws -> String {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var isDone = false
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            var waited = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
            let isLate = poll(&waited, 1, 1000) == 0 && ContinuousClock.now > deadline
            if isLate { kill(-pid, SIGKILL) }
            guard !isLate else { break }
            guard waited.revents != 0 else { continue }
            // A terminal that nobody holds open any more is an error to read.
            let count = Glibc.read(main, &buffer, buffer.count)
            if count <= 0 { break }
            output += buffer.prefix(count)
            if !isDone, String(decoding: output, as: UTF8.self).contains(marker) {
                isDone = true
                action(self)
            }
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let text = String(decoding: output, as: UTF8.self)
        guard isDone else { throw RunnerFixture.Failure(description: "`\(marker)` did not come: \(text)") }
        return text
    }
}
