import Glibc
package import SystemPackage

/// A file that holds some disk back. Removing it makes room for the last records and for cleaning up.
package struct DiskReserve: Sendable {
    /// Enough for the results of many stages and for the temporary files of a clean-up.
    package static let bytes = 4 << 20

    private let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    /// Allocates the reserve if it is missing. A disk too full for it is not an error here: the run will say so.
    package func ensure() throws(SystemFailure) {
        if FileSystem.exists(path) { return }
        let fd = try checked("create reserve", path) { open(path.cString, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600) }
        defer { close(fd) }
        if posix_fallocate(fd, 0, off_t(Self.bytes)) != 0 { unlink(path.cString) }
    }

    /// Whether the disk around a path has no room or no name left for an ordinary file.
    package static func isDiskFull(at path: FilePath) -> Bool {
        var status = statvfs()
        guard statvfs(path.string, &status) == 0 else { return false }
        let hasNames = status.f_files == 0 || status.f_favail > 0
        return UInt64(status.f_bavail) * UInt64(status.f_frsize) < fullBytes || !hasNames
    }

    /// Less than this is no room: file systems keep some blocks to themselves.
    private static let fullBytes: UInt64 = 64 << 10

    /// Gives the room back.
    package func release() { unlink(path.cString) }

    /// Does something that must not fail for want of room: tries again with the reserve given back.
    package func protecting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let failure as SystemFailure where failure.isDiskFull {
            release()
            try body()
        }
    }
}
