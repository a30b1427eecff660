import CLinux
import FoundationEssentials
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// One `runner git-helper` as the pool sees it. One request at a time; every method blocks.
final class HelperProcess: Sendable {
    /// How long to wait for the next line of a request, and for its last.
    struct Patience: Sendable {
        var silence: Duration
        var total: Duration
    }

    enum Answer: Sendable {
        case reply(GitHelperReply)
        /// It ended, or said something that is no reply.
        case gone
        case late(Duration)
    }

    private let child: ChildProcess
    private let input: Int32
    private let output: Int32

    init(program: FilePath) throws(SystemFailure) {
        var requests: [Int32] = [-1, -1]
        var replies: [Int32] = [-1, -1]
        try checked("make pipe for", program) { runner_pipe(&requests) }
        defer { close(requests[0]) }
        do throws(SystemFailure) {
            try checked("make pipe for", program) { runner_pipe(&replies) }
        } catch {
            close(requests[1])
            throw error
        }
        defer { close(replies[1]) }
        let launch = Launch(
            executable: program,
            arguments: ["git-helper"],
            environment: NetworkEnvironment.inherited()
        )
        do throws(SystemFailure) {
            // What it prints beside its answers is for the log of whoever started us.
            child = try ChildProcess(launch, input: requests[0], output: replies[1], errors: STDERR_FILENO)
        } catch {
            close(requests[1])
            close(replies[0])
            throw error
        }
        (input, output) = (requests[1], replies[0])
    }

    deinit {
        close(input)
        close(output)
        kill()
        _ = child.wait()
    }

    /// Ends it and whatever it started, at once.
    func kill() {
        child.killAll()
    }

    /// The process, for tests.
    var pid: Int32 { child.pid }

    /// Hands over a request and waits for its answer. A helper that gave none is of no further use.
    func ask(_ request: [UInt8], _ patience: Patience) -> Answer {
        guard request.withUnsafeBytes({ FileSystem.writeAll($0, to: input) }) else { return .gone }
        let end = ContinuousClock.now + patience.total
        var lines = LineBuffer()
        while true {
            let limit = min(ContinuousClock.now + patience.silence, end)
            switch nextLine(&lines, until: limit) {
            case .none: return .gone
            case .some(nil): return .late(limit == end ? patience.total : patience.silence)
            case .some(let line?):
                // A line that is no reply comes from another version of the program: it is replaced.
                guard let reply = try? JSON.decode(GitHelperReply.self, from: Data(line)) else { return .gone }
                if case .progress = reply { continue }
                return .reply(reply)
            }
        }
    }

    /// `nil` at the end of all lines; an inner `nil` when the time is over.
    private func nextLine(_ lines: inout LineBuffer, until limit: ContinuousClock.Instant) -> [UInt8]?? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let line = lines.next() { return .some(line) }
            var waited = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let left = limit - .now
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else { return .some(nil) }
            guard poll(&waited, 1, Int32(min(milliseconds + 1, 3_600_000))) > 0 else { continue }
            let count = read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            lines.add(buffer[..<count])
        }
    }
}
