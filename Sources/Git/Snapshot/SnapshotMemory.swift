internal import CLibgit2
internal import SystemPackage

/// What the snapshot before this one knew of files: content that need not be read again.
final class SnapshotMemory {
    private let pointer: OpaquePointer
    private let written: IndexTime

    /// `nil` when there is none.
    init?(_ file: FilePath) throws(GitError) {
        guard let status = FileStatus(file) else { return nil }
        written = status.modified
        pointer = try SnapshotIndex.open(file)
    }

    deinit { git_index_free(pointer) }

    /// The blob and mode of a file that is still as it was then.
    func entry(at path: TreePath, _ status: FileStatus) -> (id: ObjectID, mode: FileMode)? {
        guard let entry = path.withCString({ git_index_get_bypath(pointer, $0, 0)?.pointee }),
            status.matches(entry), IndexTime(entry.mtime) < written, let mode = FileMode(raw: entry.mode)
        else { return nil }
        return (ObjectID(entry.id), mode)
    }
}
