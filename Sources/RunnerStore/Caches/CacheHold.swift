import Glibc
package import SystemPackage

/// Holds on to one entry's directory by an `flock`, which ends with the process: who shows its layers shares it, who
/// takes it away must have it alone.
package final class CacheHold: Sendable {
    private let fd: Int32

    /// For as long as the entry's layers are shown. `nil` where it is gone, or going. Who looks whether it is used has it
    /// alone for a moment only.
    package static func share(_ directory: FilePath) -> CacheHold? {
        for _ in 0..<50 {
            if let hold = CacheHold(directory, LOCK_SH) { return hold }
            guard FileSystem.exists(directory) else { return nil }
            usleep(2000)
        }
        return nil
    }

    /// For taking it away. `nil` where somebody shows it, and where it is gone.
    package static func alone(_ directory: FilePath) -> CacheHold? { CacheHold(directory, LOCK_EX) }

    private init?(_ directory: FilePath, _ kind: Int32) {
        fd = open(directory.cString, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard fd >= 0 else { return nil }
        var status: Int32
        repeat { status = flock(fd, kind | LOCK_NB) } while status != 0 && errno == EINTR
        // Between looking and locking somebody may have taken it away, or put another in its place.
        if status != 0 || !isStill(directory) {
            close(fd)
            return nil
        }
    }

    private func isStill(_ directory: FilePath) -> Bool {
        var (held, named) = (stat(), stat())
        return fstat(fd, &held) == 0 && lstat(directory.cString, &named) == 0 && held.st_ino == named.st_ino
            && held.st_dev == named.st_dev
    }

    deinit { close(fd) }
}
