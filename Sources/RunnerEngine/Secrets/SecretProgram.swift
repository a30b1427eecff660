import CLinux
import FoundationEssentials
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// A program that prints a secret. Nothing of what it prints is ever repeated: not in errors, not in a log.
struct SecretProgram: Sendable {
    let command: SecretRule.Command
    private let stop = StopSignal()

    init(command: SecretRule.Command) { self.command = command }

    /// Why there is no value. Continues "its command".
    struct Problem: Error, Sendable, Hashable {
        let words: String
    }

    /// Runs it to its end, on a thread of its own. A daemon that ends does not wait for it.
    func value() async throws -> String {
        let result = await withTaskCancellationHandler {
            await BlockingThread.run { Result { try run() } }
        } onCancel: {
            stop.ask(.kill("the daemon ends"))
        }
        return try result.get()
    }

    private func run() throws -> String {
        var ends: [Int32] = [-1, -1]
        try checked("make pipe for", "/bin/sh") { runner_pipe(&ends) }
        defer { close(ends[0]) }
        let child = try start(output: ends[1])
        defer { _ = child.wait() }
        let (bytes, problem) = read(ends[0], until: .now + command.timeout)
        if let problem {
            child.killAll()
            throw problem
        }
        let code = try end(of: child, until: .now + command.timeout)
        guard code == 0 else { throw Problem(words: "ended with exit code \(code)") }
        return try Self.text(bytes)
    }

    /// Takes `output` over.
    private func start(output: Int32) throws -> ChildProcess {
        defer { close(output) }
        let null = try checked("open", "/dev/null") { open("/dev/null", O_RDWR | O_CLOEXEC) }
        defer { close(null) }
        let launch = Launch(
            executable: "/bin/sh",
            arguments: ["-c", command.script],
            environment: environment,
            directory: "/",
            guarding: .everything
        )
        return try ChildProcess(launch, input: null, output: output, errors: null)
    }

    private var environment: [String: String] {
        var environment: [String: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        for name in ["PATH", "HOME", "LANG"] + command.pass {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return environment
    }

    /// All that it prints: ends with it, for a guard ends what it leaves behind.
    private func read(_ fd: Int32, until deadline: ContinuousClock.Instant) -> ([UInt8], Problem?) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            guard wait(for: fd, until: deadline) else { return ([], tooLong) }
            let count = Glibc.read(fd, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return (bytes, nil) }
            bytes += buffer.prefix(count)
            // One line end is taken off.
            guard bytes.count <= SecretStore.longest + 2 else {
                return ([], Problem(words: "printed more than \(SecretStore.longest) bytes"))
            }
        }
    }

    /// It may have closed its output and go on.
    private func end(of child: ChildProcess, until deadline: ContinuousClock.Instant) throws -> Int32 {
        guard wait(for: child.pidfd, until: deadline) else {
            child.killAll()
            throw tooLong
        }
        return child.wait()
    }

    private var tooLong: Problem { Problem(words: "took longer than \(command.timeout.words)") }

    /// False where the time is over, or nobody waits any more.
    private func wait(for fd: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while stop.request == nil {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            var waited = [
                pollfd(fd: fd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.fd, events: Int16(POLLIN), revents: 0),
            ]
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            poll(&waited, 2, Int32(clamping: milliseconds + 1))
            if waited[0].revents != 0 { return true }
        }
        return false
    }

    private static func text(_ bytes: [UInt8]) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(words: "printed bytes that are no UTF-8 text; let it print base64")
        }
        let value = SecretText.withoutLineEnd(text)
        guard !value.isEmpty else { throw Problem(words: "printed nothing") }
        guard !value.utf8.contains(0) else { throw Problem(words: "printed a zero byte, which no variable can hold") }
        guard value.utf8.count <= SecretStore.longest else {
            throw Problem(words: "printed more than \(SecretStore.longest) bytes")
        }
        return value
    }
}
