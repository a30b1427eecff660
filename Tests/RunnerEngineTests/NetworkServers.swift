import CLinux
import FoundationEssentials
import Glibc
import RunnerExecution
import RunnerStore
import SystemPackage

struct ServerFailure: Error, CustomStringConvertible {
    let description: String
}

/// A server on the loopback interface, which ends with the object.
final class LoopbackServer: Sendable {
    let port: Int
    private let child: ChildProcess

    private init(port: Int, child: ChildProcess) {
        self.port = port
        self.child = child
    }

    deinit {
        kill(-child.pid, SIGKILL)
        child.killAll()
        _ = child.wait()
    }

    /// Serves what lies below `root` by git's own protocol.
    static func gitDaemon(root: FilePath) throws -> LoopbackServer {
        let port = try Loopback.freePort()
        return try start(
            "git",
            ["daemon", "--base-path=\(root)", "--export-all", "--listen=127.0.0.1", "--port=\(port)", "--reuseaddr"],
            port: port,
            in: root
        )
    }

    /// Serves what lies below `root` by http; where `secret` is given, only to who sends that `USER:TOKEN`.
    static func http(root: FilePath, secret: String? = nil) throws -> LoopbackServer {
        let script = FilePath(#filePath).removingLastComponent().pushing("Servers/git-http.py")
        let arguments = [script.string, root.string] + (secret.map { [$0] } ?? [])
        return try start("python3", arguments, port: nil, in: root)
    }

    /// Runs any program that listens on the port, or tells its port in the first line that it prints.
    static func start(_ name: String, _ arguments: [String], port: Int?, in directory: FilePath) throws
        -> LoopbackServer
    {
        guard let program = Programs.find(name) else { throw ServerFailure(description: "there is no \(name)") }
        let log = directory.appending("\(name)-\(UInt32.random(in: 0 ... .max)).log")
        let output = open(log.string, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [output, null] { close(descriptor) } }
        var environment = ["HOME": directory.string]
        for name in ["PATH", "PYENV_ROOT"] { environment[name] = getenv(name).map { String(cString: $0) } }
        let launch = Launch(executable: program, arguments: arguments, environment: environment)
        let child = try ChildProcess(launch, input: null, output: output)
        let text = { String(decoding: try FileSystem.read(log) ?? Data(), as: UTF8.self) }
        for _ in 0..<1500 {
            if let port = try port ?? Int(text().split(separator: "\n").first ?? ""), Loopback.answers(port) {
                return LoopbackServer(port: port, child: child)
            }
            var ended = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
            if poll(&ended, 1, 10) > 0 { break }
        }
        child.killAll()
        _ = child.wait()
        throw ServerFailure(description: "\(name) did not listen within 15 s: \(try text())")
    }
}

/// Takes connections and never says a word.
final class SilentServer: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws { (descriptor, port) = try Loopback.listen() }

    deinit { close(descriptor) }

    /// Waits for the first connection; false when none comes within 15 s.
    func hasCaller() async -> Bool {
        await BlockingThread.run { [descriptor] in
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&waited, 1, 15_000) > 0
        }
    }
}

enum Loopback {
    static func freePort() throws -> Int {
        let (descriptor, port) = try listen()
        close(descriptor)
        return port
    }

    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var place = address(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | Glibc.listen(descriptor, 16) | getsockname(descriptor, $0, &size)
            }
        }
        guard status == 0 else { throw ServerFailure(description: "cannot listen: errno \(errno)") }
        return (descriptor, Int(UInt16(bigEndian: place.sin_port)))
    }

    static func answers(_ port: Int) -> Bool {
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
