import CLinux
import Glibc
import RunnerStore
import SystemPackage

/// How a program ended, and who saw to it.
enum ProcessEnd: Sendable, Hashable {
    case exited(Int32)
    case timedOut
    case canceled(String)
    /// The log could not be written, so the program was ended.
    case logFailed(SystemFailure)
}

/// Runs one program to its end: reads what it prints, keeps its time limit, passes on requests to stop.
/// Blocks the calling thread, which must outlive the program.
struct StepProcess {
    let launch: Launch
    let timeout: Duration?
    let grace: Duration
    let stop: StopSignal

    /// The size of the one buffer, and of the pipe. 256 KiB is the knee: larger pieces fall out of the cache.
    private static let bufferSize = 256 << 10

    private enum Phase {
        case running
        case ending(ProcessEnd, killAt: ContinuousClock.Instant)
        case killed(ProcessEnd)
    }

    /// Throws where the program cannot be started or could not be ended once it is.
    func run(log: LogWriter) throws(SystemFailure) -> ProcessEnd {
        if stop.fd < 0 { throw SystemFailure("make event counter for", launch.executable, -stop.fd) }
        var ends: [Int32] = [-1, -1]
        try checked("make pipe for", launch.executable) { runner_pipe(&ends) }
        let output = ends[0]
        defer { close(output) }
        _ = runner_set_pipe_size(output, Int32(Self.bufferSize))
        let child = try start(output: ends[1])
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
        return follow(child, output: output, log: log)
    }

    /// Takes `output` over and closes it, so that only the program holds the pipe open.
    private func start(output: Int32) throws(SystemFailure) -> ChildProcess {
        defer { close(output) }
        let null = try checked("open", "/dev/null") { open("/dev/null", O_RDONLY | O_CLOEXEC) }
        defer { close(null) }
        return try ChildProcess(launch, input: null, output: output)
    }

    private func follow(_ child: ChildProcess, output: Int32, log: LogWriter) -> ProcessEnd {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 64)
        defer { buffer.deallocate() }
        let start = ContinuousClock.now
        let deadline = timeout.map { start + $0 }
        var phase = Phase.running
        var isOpen = true
        while true {
            var polled = [
                pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.fd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen ? output : -1, events: Int16(POLLIN), revents: 0),
            ]
            poll(&polled, 3, waitLimit(phase, deadline: deadline))
            if polled[2].revents != 0 {
                switch read(output, buffer, into: log) {
                case .more: break
                case .ended: isOpen = false
                case .failed(let failure):
                    child.killAll()
                    phase = .killed(.logFailed(failure))
                    isOpen = false
                }
            }
            if polled[1].revents != 0 { stop.drain() }
            if polled[0].revents != 0 { return end(child, phase, output: output, buffer, isOpen: isOpen, log) }
            phase = next(phase, child, deadline: deadline)
        }
    }

    private func next(_ phase: Phase, _ child: ChildProcess, deadline: ContinuousClock.Instant?) -> Phase {
        let now = ContinuousClock.now
        switch phase {
        case .running:
            let end: ProcessEnd
            switch stop.request {
            case .kill(let reason):
                child.killAll()
                return .killed(.canceled(reason))
            case .cancel(let reason): end = .canceled(reason)
            case nil:
                guard let deadline, now >= deadline else { return phase }
                end = .timedOut
            }
            child.terminate()
            return .ending(end, killAt: now + grace)
        case .ending(let end, let killAt):
            var isKilled = now >= killAt
            if case .kill = stop.request { isKilled = true }
            guard isKilled else {
                // What was only being started at the first request has not heard of it.
                child.terminate()
                return phase
            }
            child.killAll()
            return .killed(end)
        case .killed:
            // A process may appear between two looks at the tree: look again until the first process has ended.
            child.killAll()
            return phase
        }
    }

    /// Milliseconds until something is due; -1 for nothing.
    private func waitLimit(_ phase: Phase, deadline: ContinuousClock.Instant?) -> Int32 {
        let due: ContinuousClock.Instant
        switch phase {
        case .running:
            guard let deadline else { return -1 }
            due = deadline
        case .ending(_, let killAt): due = min(killAt, .now + .milliseconds(200))
        case .killed: return 20
        }
        let left = ContinuousClock.now.duration(to: due)
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
        return Int32(clamping: max(0, milliseconds + 1))
    }

    private enum ReadEnd {
        case more, ended
        case failed(SystemFailure)
    }

    private func read(_ fd: Int32, _ buffer: UnsafeMutableRawBufferPointer, into log: LogWriter) -> ReadEnd {
        let count = Glibc.read(fd, buffer.baseAddress, buffer.count)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .more : .ended }
        if count == 0 { return .ended }
        do {
            try log.append(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            return .more
        } catch {
            return .failed(error)
        }
    }

    /// The program is gone and with it all that it started: takes what it left in the pipe.
    private func end(
        _ child: ChildProcess,
        _ phase: Phase,
        output: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        isOpen: Bool,
        _ log: LogWriter
    ) -> ProcessEnd {
        let code = child.wait()
        var failure: SystemFailure?
        var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        reading: while isOpen, poll(&polled, 1, 0) > 0 {
            switch read(output, buffer, into: log) {
            case .more: continue
            case .ended: break reading
            case .failed(let error):
                failure = error
                break reading
            }
        }
        if let failure { return .logFailed(failure) }
        switch phase {
        case .running: return .exited(code)
        case .ending(let end, _), .killed(let end): return end
        }
    }
}
