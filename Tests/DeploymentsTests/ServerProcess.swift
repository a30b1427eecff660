import CLinux
import FoundationEssentials
import Glibc
import RunnerExecution
import RunnerStore
import Synchronization
import SystemPackage

/// A server on the loopback interface that ends with this object, and all that it started with it.
final class ServerProcess: Sendable {
    private let stop = StopSignal()
    private let ended = DispatchedEnd()

    /// Waits until it listens on the port.
    init(_ launch: Launch, port: Int, log: FilePath) throws {
        var guarded = launch
        guarded.guarding = .everything
        let (started, launch, stop, ended) = (Started(), guarded, stop, ended)
        // The kernel ends what a thread started with the thread: this one stays until the end.
        BlockingThread.start {
            Self.hold(launch, log, started, stop)
            ended.signal()
        }
        try started.wait()
        for _ in 0..<1500 where !ended.isThere {
            if Self.answers(port) { return }
            usleep(10_000)  // Looks again for the event: there is nothing to wait on.
        }
        let text = String(decoding: try FileSystem.read(log) ?? Data(), as: UTF8.self)
        throw FixtureFailure(description: "\(launch.executable) did not listen within 15 s: \(text.suffix(500))")
    }

    deinit {
        stop.ask(.kill("the test ends"))
        ended.wait()
    }

    private static func hold(_ launch: Launch, _ log: FilePath, _ started: Started, _ stop: StopSignal) {
        let output = open(log.string, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [output, null] { close(descriptor) } }
        do {
            let child = try ChildProcess(launch, input: null, output: output)
            started.set(nil)
            var polled = [child.pidfd, stop.fd].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            while poll(&polled, 2, -1) < 0 {}
            // PostgreSQL gives back what belongs to the machine, as its shared memory, only when it is asked to end.
            child.terminate()
            var left = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
            poll(&left, 1, 5_000)
            child.killAll()
            _ = child.wait()
        } catch {
            started.set(error)
        }
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var place = address(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | getsockname(descriptor, $0, &size)
            }
        }
        guard status == 0 else { throw FixtureFailure(description: "no free port: errno \(errno)") }
        return Int(in_port_t(bigEndian: place.sin_port))
    }

    private static func answers(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var place = address(port: port)
        return withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func address(port: Int) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(port).bigEndian
        place.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return place
    }
}

/// Whether a thread is at its end, for threads that wait.
private final class DispatchedEnd: Sendable {
    private let fd = runner_eventfd()

    deinit { close(fd) }

    func signal() {
        var one: UInt64 = 1
        write(fd, &one, 8)
    }

    var isThere: Bool { look(milliseconds: 0) }

    func wait() { while !look(milliseconds: -1) {} }

    private func look(milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, milliseconds) > 0
    }
}

private final class Started: Sendable {
    private let end = DispatchedEnd()
    private let failure = Mutex<(any Error)?>(nil)

    func set(_ error: (any Error)?) {
        failure.withLock { $0 = error }
        end.signal()
    }

    func wait() throws {
        end.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
