import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// The unix socket's file: bound aside, closed to others, then renamed into place, so that it never stands there open.
struct SocketFile: Sendable, Hashable {
    let path: FilePath
    /// Where to bind.
    let aside: FilePath

    /// A unix socket's path has room for 107 bytes.
    private static let longestPath = 107

    init(_ path: FilePath) throws(RunnerError) {
        self.path = path
        aside = path.removingLastComponent().appending(".r\(UniqueName.make().prefix(6))")
        let longest = max(path.string.utf8.count, aside.string.utf8.count)
        guard longest <= Self.longestPath else {
            throw RunnerError(
                .input,
                "cannot listen on \(path)",
                why: "the path of a unix socket has at most \(Self.longestPath) bytes",
                hint: "set `listen.socket` to a shorter path"
            )
        }
    }

    /// Refuses where somebody listens, or where something lies that is no socket. What a dead daemon left is replaced.
    func check() throws(RunnerError) {
        guard let facts = FileFacts(path) else { return }
        guard facts.kind == .socket else {
            throw RunnerError(.input, "cannot listen on \(path)", why: "there is a file that is no socket")
        }
        if isAnswered {
            throw RunnerError(
                .errored,
                "cannot listen on \(path)",
                why: "another daemon does",
                hint: "`runner status` says which"
            )
        }
    }

    /// Once bound: for its owner alone, and under its name.
    func place() throws(SystemFailure) {
        if chmod(aside.string, 0o600) != 0 { throw SystemFailure("close to others", aside) }
        try FileSystem.rename(aside, to: path)
    }

    /// Which file it is: another daemon may have put its own there since.
    var identity: UInt64? { FileFacts(path)?.inode }

    func remove(_ identity: UInt64?) {
        if identity != nil, self.identity == identity { unlink(path.string) }
        unlink(aside.string)
    }

    private var isAnswered: Bool {
        let fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard fd >= 0 else { return false }
        defer { close(fd) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // Another user's, or one with no room in its queue, is alive.
        return result == 0 || (errno != ECONNREFUSED && errno != ENOENT)
    }
}
