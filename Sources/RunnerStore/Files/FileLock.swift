import Glibc
package import SystemPackage

/// An `flock` on a file, which ends with the process whatever happens to it.
package final class FileLock: Sendable {
    private let fd: Int32

    /// Takes the lock; `nil` where somebody else holds it and `wait` is false.
    package init?(_ path: FilePath, wait: Bool) throws(SystemFailure) {
        fd = try checked("open lock", path) { open(path.cString, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
        while flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            let code = errno
            close(fd)
            if code == EWOULDBLOCK { return nil }
            throw SystemFailure("lock", path, code)
        }
    }

    /// Takes the lock, however long somebody else holds it, without blocking a thread. Throws when the task is canceled.
    package static func take(_ path: FilePath) async throws -> FileLock {
        while true {
            if let lock = try FileLock(path, wait: false) { return lock }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit { close(fd) }
}
