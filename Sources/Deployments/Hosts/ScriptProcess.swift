import CLinux
import Glibc
package import RunnerExecution
import RunnerStore
import SystemPackage

/// What a script reads on its standard input.
package enum ScriptInput: Sendable {
    case bytes([UInt8])
    /// What a program of this machine prints: too much to hold.
    case program(Launch)
}

/// Runs the one process of a script to its end, feeds it and reads it. Blocks its thread.
struct ScriptProcess {
    let launch: Launch
    let preamble: [UInt8]
    let input: ScriptInput
    let deadline: ContinuousClock.Instant
    let stop: StopSignal
    /// How long it may stay after the script told its end; `nil` where it ends with the script.
    var patience: Duration?

    struct End {
        enum Cause: Hashable {
            /// By itself, as a shell says it.
            case exited(Int32)
            /// The script told its end, but something holds its output open.
            case leftOutputOpen
            case timedOut
            case canceled
        }

        var cause: Cause
        /// What the process itself said beside the script, last lines.
        var errors: [String]
        /// How the program that fed it ended; `nil` where there was none.
        var feeder: Int32?
        /// Whether something that was left behind could still print.
        var isOutputHeld: Bool
    }

    private static let keptErrors = 8 << 10

    /// `take` gets what the script prints, and says whether it has told its end.
    func run(_ take: (UnsafeRawBufferPointer) -> Bool) throws(SystemFailure) -> End {
        let pipes = Pipes(
            input: try PipePair(for: launch.executable),
            output: try PipePair(for: launch.executable),
            errors: try PipePair(for: launch.executable)
        )
        let child = try ChildProcess(
            launch,
            input: pipes.input.reader,
            output: pipes.output.writer,
            errors: pipes.errors.writer
        )
        pipes.input.closeReader()
        pipes.output.closeWriter()
        pipes.errors.closeWriter()
        // Another one must never wait for the reader of its pipe.
        for fd in [pipes.input.writer, pipes.output.reader, pipes.errors.reader] { _ = fcntl(fd, F_SETFL, O_NONBLOCK) }
        return follow(child, pipes, take)
    }

    private struct Pipes {
        let input: PipePair
        let output: PipePair
        let errors: PipePair
    }

    private func follow(_ child: ChildProcess, _ pipes: Pipes, _ take: (UnsafeRawBufferPointer) -> Bool) -> End {
        var feed = Feed(preamble: preamble, input: input, pipe: pipes.input)
        var errors: [UInt8] = []
        var hasTold = false
        var until = deadline
        var cause: End.Cause?
        while cause == nil {
            var polled = [
                pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.fd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pipes.output.reader, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pipes.errors.reader, events: Int16(POLLIN), revents: 0),
                pollfd(fd: feed.fd, events: Int16(POLLOUT), revents: 0),
            ]
            poll(&polled, nfds_t(polled.count), until.millisecondsLeft)
            if polled[4].revents != 0 { feed.write() }
            if polled[3].revents != 0 { drain(pipes.errors) { Self.keep($0, in: &errors) } }
            if polled[2].revents != 0, !hasTold {
                drain(pipes.output) { hasTold = take($0) || hasTold }
                if hasTold, let patience { until = min(deadline, .now + patience) }
            }
            if polled[0].revents != 0 {
                cause = .exited(0)
            } else if stop.request != nil {
                cause = .canceled
            } else if ContinuousClock.now >= until {
                cause = hasTold ? .leftOutputOpen : .timedOut
            }
        }
        feed.end()
        var isHeld = cause == .leftOutputOpen
        if cause != .exited(0) { child.killAll() }
        let status = child.wait()
        if cause == .exited(0) {
            cause = .exited(status)
            // What it left in the pipes. Whoever still holds them is not waited for.
            errno = 0
            while pipes.output.read(into: { _ = take($0) }) {}
            isHeld = errno == EAGAIN
            while pipes.errors.read(into: { Self.keep($0, in: &errors) }) {}
        }
        let text = String(decoding: errors, as: UTF8.self)
        return End(
            cause: cause ?? .exited(status),
            errors: text.split(whereSeparator: \.isNewline).map(String.init),
            feeder: feed.status,
            isOutputHeld: isHeld
        )
    }

    /// One piece; the end is taken note of, so that it does not wake this thread again and again.
    private func drain(_ pipe: PipePair, _ take: (UnsafeRawBufferPointer) -> Void) {
        errno = 0
        if !pipe.read(into: take), errno != EAGAIN { pipe.closeReader() }
    }

    private static func keep(_ bytes: UnsafeRawBufferPointer, in kept: inout [UInt8]) {
        kept += bytes
        kept.removeFirst(max(0, kept.count - keptErrors))
    }
}

/// Writes to a script's standard input whatever the script reads of it.
private struct Feed {
    /// How the feeding program ended.
    private(set) var status: Int32?

    private var bytes: ArraySlice<UInt8>
    private var program: Launch?
    private let pipe: PipePair
    private var child: ChildProcess?

    init(preamble: [UInt8], input: ScriptInput, pipe: PipePair) {
        self.pipe = pipe
        switch input {
        case .bytes(let input): bytes = preamble[...] + input
        case .program(let launch):
            bytes = preamble[...]
            program = launch
        }
    }

    /// To wait on for writing; negative when there is nothing to write.
    var fd: Int32 { pipe.writer }

    mutating func write() {
        let count = bytes.withUnsafeBytes { Glibc.write(pipe.writer, $0.baseAddress, $0.count) }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        // Who does not read has its reasons.
        guard count >= 0 else { return pipe.closeWriter() }
        bytes = bytes.dropFirst(count)
        guard bytes.isEmpty else { return }
        startProgram()
        pipe.closeWriter()
    }

    /// From here on it has the pipe, as a program expects one: writing waits.
    private mutating func startProgram() {
        guard let program else { return }
        _ = fcntl(pipe.writer, F_SETFL, 0)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        do {
            child = try ChildProcess(program, input: null, output: pipe.writer, errors: null)
        } catch {
            status = 127
        }
    }

    mutating func end() {
        pipe.closeWriter()
        guard let child else {
            if program != nil, status == nil { status = 127 }
            return
        }
        // One that has written everything ends by itself; one that nobody reads any more, too.
        var polled = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
        if poll(&polled, 1, 1000) <= 0 { child.killAll() }
        status = child.wait()
    }
}
