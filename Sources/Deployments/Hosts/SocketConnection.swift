import Glibc

/// Streams to sockets of this machine.
enum SocketConnection {
    /// `nil` where nobody listens, or the name is too long for a socket's.
    static func unix(_ path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let isShort = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count, !bytes.isEmpty else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        let fd = isShort ? socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) : -1
        guard fd >= 0 else { return nil }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(fd, $0, size) }
        }
        if status == 0 { return fd }
        close(fd)
        return nil
    }
}
