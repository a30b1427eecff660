import Glibc
import NIOCore

/// Who is at the other end of a unix socket.
enum PeerCredentials {
    /// As the kernel fills it in: `struct ucred`.
    private struct Credentials: Sendable {
        var pid: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    /// The user's name, or `uid 1000` where it has none.
    static func user(of channel: any Channel) async -> String {
        guard let provider = channel as? any SocketOptionProvider else { return "local" }
        let future: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
            level: .socket,
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        )
        // Only a name for the record hangs on it: whoever could open the socket may.
        guard let credentials = try? await future.get() else { return "local" }
        return name(of: credentials.user) ?? "uid \(credentials.user)"
    }

    private static func name(of user: UInt32) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard let start, getpwuid_r(user, &entry, start, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return String(cString: entry.pw_name)
        }
    }
}
