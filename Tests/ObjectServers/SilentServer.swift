import Foundation

/// A port that takes connections and never says a word.
package final class SilentServer: Sendable {
    package let port: Int
    private let fd: Int32

    package convenience init() throws { try self.init(listening: true) }

    /// Without listening, a port that refuses everybody.
    package init(listening: Bool) throws {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.fd = fd
        var address = Self.address(0)
        var length: socklen_t = 16
        let name = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(fd, address, 16) == 0 && getsockname(fd, address, &length) == 0
            }
        }
        guard name, !listening || listen(fd, 64) == 0 else {
            throw ObjectServer.Missing(description: "no port: \(String(cString: strerror(errno)))")
        }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(fd) }

    static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
