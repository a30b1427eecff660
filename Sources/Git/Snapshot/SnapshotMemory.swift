internal import CLibgit2
internal import Glibc
internal import SystemPackage

/// What snapshots found out about files that the user's index does not know, so that they need not be read again.
final class SnapshotMemory {
    /// The coarsest clock that a file system in use has. A file that changed within that time may change once more
    /// without having another time, so nothing is kept of it.
    private static let clockStep = 2

    private let pointer: OpaquePointer

    /// `nil` when there is none.
    init?(_ file: FilePath) throws(GitError) {
        guard FileStatus(file) != nil else { return nil }
        pointer = try SnapshotIndex.open(file)
    }

    deinit { git_index_free(pointer) }

    /// The blob and mode of a file that is still as it was then.
    func entry(at path: TreePath, _ status: FileStatus) -> (id: ObjectID, mode: FileMode)? {
        guard let entry = path.withCString({ git_index_get_bypath(pointer, $0, 0)?.pointee }),
            status.matches(entry), let mode = FileMode(raw: entry.mode)
        else { return nil }
        return (ObjectID(entry.id), mode)
    }

    /// Keeps what an index has of some paths.
    /// - Parameter start: when the first of them was looked at.
    static func write(
        _ paths: [TreePath],
        of index: SnapshotIndex,
        since start: time_t,
        to file: FilePath
    ) throws(GitError) {
        let scratch = ScratchFile(in: file.removingLastComponent())
        let pointer = try SnapshotIndex.open(scratch.path)
        defer { git_index_free(pointer) }
        for path in paths {
            guard var entry = index.entry(at: path), !entry.isLink, Int(entry.mtime.seconds) < start - clockStep else {
                continue
            }
            try Libgit2.check(git_index_add(pointer, &entry), "remember `\(path)`")
        }
        try Libgit2.check(git_index_write(pointer), "write the index \(scratch.path)")
        let moved = scratch.path.withPlatformString { old in file.withPlatformString { rename(old, $0) } }
        guard moved == 0 else { throw Libgit2.systemError("write the index \(file)") }
    }
}
