import CLinux
import FoundationEssentials
import Glibc
import RunnerExecution
import RunnerStore
import SystemPackage

/// A server on the loopback interface, a process of the test's own, which ends with the object.
final class LoopbackServer: Sendable {
    let port: Int
    let log: FilePath
    private let child: ChildProcess

    /// Runs a program that listens on the port, and waits until it does.
    init(_ name: String, _ arguments: [String], port: Int, in directory: FilePath) throws {
        guard let program = Programs.find(name) else {
            throw TestTrouble("there is no \(name): scripts/setup test installs it")
        }
        self.port = port
        log = directory.appending("\(name)-\(port).log")
        let output = open(log.string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [output, null] { close(descriptor) } }
        let path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        let launch = Launch(
            executable: program,
            arguments: arguments,
            environment: ["HOME": directory.string, "PATH": path],
            directory: directory
        )
        child = try ChildProcess(launch, input: null, output: output)
        for _ in 0..<1500 {
            if Loopback.answers(port) { return }
            var ended = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
            if poll(&ended, 1, 10) > 0 { break }
        }
        end()
        throw TestTrouble("\(name) does not listen: \(try text())")
    }

    deinit { end() }

    var pid: Int32 { child.pid }

    /// What it printed so far.
    func text() throws -> String { String(decoding: try FileSystem.read(log) ?? Data(), as: UTF8.self) }

    private func end() {
        child.killAll()
        kill(-child.pid, SIGKILL)
        _ = child.wait()
    }
}

/// Takes connections and never says a word.
final class SilentServer: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws { (descriptor, port) = try Loopback.listen() }

    deinit { close(descriptor) }
}

enum Loopback {
    static func freePort() throws -> Int {
        let (descriptor, port) = try listen()
        close(descriptor)
        return port
    }

    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var place = address(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | Glibc.listen(descriptor, 64) | getsockname(descriptor, $0, &size)
            }
        }
        guard status == 0 else { throw TestTrouble("cannot listen: errno \(errno)") }
        return (descriptor, Int(UInt16(bigEndian: place.sin_port)))
    }

    static func answers(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
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
