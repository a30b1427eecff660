import Glibc
package import SystemPackage

/// How much room the disk around a state directory has.
package struct DiskSpace: Sendable, Hashable {
    package var freeBytes: Int64
    package var totalBytes: Int64
    /// Whether files can be made: a disk may run out of names before it runs out of room.
    package var hasNames: Bool

    package init(at path: FilePath) throws(SystemFailure) {
        var status = statvfs()
        try checked("look at the disk of", path) { statvfs(path.cString, &status) }
        freeBytes = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        totalBytes = Int64(clamping: UInt64(status.f_blocks) * UInt64(status.f_frsize))
        hasNames = status.f_files == 0 || status.f_favail > 0
    }

    /// Why no new work may begin, for a person; `nil` where there is room.
    package static func check(_ state: StateDirectory, minimumFree: Int64) throws -> String? {
        let space = try DiskSpace(at: state.path)
        guard space.hasNames else {
            return "the disk of `\(state.path)` can take no more files: its inodes are used up"
        }
        guard space.freeBytes < minimumFree else { return nil }
        return "the disk of `\(state.path)` has \(Words.bytes(space.freeBytes)) free, and new work waits for "
            + Words.bytes(minimumFree)
    }
}
