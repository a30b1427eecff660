import CLinux
import Glibc
import RunnerExecution
import SystemPackage

/// Answers every request over HTTP alike, one after the other, for as long as this lives.
final class FixedAnswerServer: Sendable {
    enum Mode: Sendable {
        case answers
        /// A byte now and then, without end.
        case drips
        /// As many as are taken, without end.
        case floods
    }

    let port: Int
    /// Given with the first request.
    let called = Signal()
    private let stop = StopSignal()

    init(_ body: String, status: String = "200 OK", mode: Mode = .answers) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) | listen(listener, 16) | getsockname(listener, $0, &size)
            }
        }
        guard code == 0 else { throw FixtureFailure(description: "cannot listen: errno \(errno)") }
        port = Int(in_port_t(bigEndian: place.sin_port))
        let length = mode == .answers ? "Content-Length: \(body.utf8.count)\r\n" : ""
        let head = "HTTP/1.1 \(status)\r\nContent-Type: text/plain\r\nConnection: close\r\n\(length)\r\n"
        let (stop, called) = (stop, called)
        BlockingThread.start {
            while Self.wait(listener, stop, milliseconds: -1) {
                let caller = accept(listener, nil, nil)
                var request = [UInt8](repeating: 0, count: 8192)
                if Self.wait(caller, stop, milliseconds: -1) { _ = recv(caller, &request, request.count, 0) }
                called.give()
                _ = Self.send(head + body, to: caller)
                let more = mode == .floods ? String(repeating: " ", count: 8192) : " "
                while mode != .answers, Self.send(more, to: caller), stop.request == nil {
                    if mode == .drips { _ = Self.wait(-1, stop, milliseconds: 100) }
                }
                close(caller)
            }
            close(listener)
        }
    }

    deinit { stop.ask(.kill("the test ends")) }

    private static func send(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// False where it is to end, or the time is over.
    private static func wait(_ descriptor: Int32, _ stop: StopSignal, milliseconds: Int32) -> Bool {
        var polled = [descriptor, stop.fd].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return poll(&polled, 2, milliseconds) > 0 && polled[1].revents == 0
    }
}
