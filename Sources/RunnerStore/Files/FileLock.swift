package import FoundationEssentials
import Glibc
package import SystemPackage

/// An `flock` on a file, which ends with the process whatever happens to it.
package final class FileLock: Sendable {
    private let fd: Int32
    private let path: FilePath

    /// Takes the lock; `nil` where somebody else holds it and `wait` is false.
    package init?(_ path: FilePath, wait: Bool) throws(SystemFailure) {
        self.path = path
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

    /// As above, but `nil` where somebody else holds it all the time.
    package static func take(_ path: FilePath, within limit: Duration) async throws -> FileLock? {
        let end = ContinuousClock.now + limit
        while true {
            if let lock = try FileLock(path, wait: false) { return lock }
            if ContinuousClock.now >= end { return nil }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// What the locked file says from now on. Whoever reads it needs no lock.
    package func write(_ bytes: some ContiguousBytes) throws(SystemFailure) {
        let isWritten = bytes.withUnsafeBytes { bytes in
            pwrite(fd, bytes.baseAddress, bytes.count, 0) == bytes.count && ftruncate(fd, off_t(bytes.count)) == 0
        }
        if !isWritten { throw SystemFailure("write lock", path) }
    }

    /// Whether somebody holds the lock of a file now; false where there is no such file. Looking is never in the way of
    /// others that look, but it is for a moment in that of one who takes the lock.
    package static func isHeld(_ path: FilePath) throws(SystemFailure) -> Bool {
        let fd = open(path.cString, O_RDONLY | O_CLOEXEC)
        if fd < 0, errno == ENOENT { return false }
        guard fd >= 0 else { throw SystemFailure("open lock", path) }
        defer { close(fd) }
        while flock(fd, LOCK_SH | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return true }
            throw SystemFailure("look at lock", path)
        }
        return false
    }

    deinit { close(fd) }
}
