import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// Requests to a port of this machine, one after the other on a few threads, each on a connection of its own: counts those
/// that were not answered with 200.
final class RequestLoop: Sendable {
    struct Count: Sendable {
        var all = 0
        var failures: [String] = []
        /// Bodies that came.
        var bodies: Set<String> = []
    }

    private let isOver = Atomic(false)
    private let group = DispatchGroup()
    private let counted = Mutex(Count())

    init(port: Int, threads: Int = 3) {
        for _ in 0..<threads {
            DispatchQueue.global().async(group: group) { [self] in
                while !isOver.load(ordering: .relaxed) {
                    do {
                        let body = try Self.ask(port, "/")
                        counted.withLock { count in
                            count.all += 1
                            if let body { count.bodies.insert(body) } else { count.failures.append("not 200") }
                        }
                    } catch {
                        counted.withLock { count in
                            count.all += 1
                            count.failures.append("\(error)")
                        }
                    }
                    usleep(5000)
                }
            }
        }
    }

    /// Ends it, and says how it went.
    func stop() -> Count {
        isOver.store(true, ordering: .relaxed)
        group.wait()
        return counted.withLock { $0 }
    }

    /// The body of an answer with 200; `nil` for another status. Throws where there is no whole answer.
    static func ask(_ port: Int, _ path: String) throws -> String? {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(fd) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Errno(rawValue: errno) }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".utf8)
        guard send(fd, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Errno(rawValue: errno)
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(fd, &buffer, buffer.count, 0)
            if count < 0 { throw Errno(rawValue: errno) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 ") else { throw RunnerFixture.Failure(description: "no answer: \(text)") }
        guard text.hasPrefix("HTTP/1.1 200") else { return nil }
        return text.split(separator: "\r\n\r\n", maxSplits: 1).last.map { $0.split(separator: "\n").joined() }
    }
}
