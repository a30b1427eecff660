internal import CLibgit2
internal import Glibc

/// A time as an index keeps it.
struct IndexTime: Comparable {
    private let seconds: Int32
    private let nanoseconds: UInt32

    init(_ time: git_index_time) {
        seconds = time.seconds
        nanoseconds = time.nanoseconds
    }

    init(_ time: timespec) {
        seconds = Int32(truncatingIfNeeded: time.tv_sec)
        nanoseconds = UInt32(truncatingIfNeeded: time.tv_nsec)
    }

    var raw: git_index_time { git_index_time(seconds: seconds, nanoseconds: nanoseconds) }

    func isSameSecondOrLater(than other: IndexTime) -> Bool { seconds >= other.seconds }

    static func < (left: IndexTime, right: IndexTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

extension git_index_entry {
    /// Whether it is a submodule.
    var isLink: Bool { mode == FileMode.submodule.rawValue }

    /// Whether the user asked git to leave the file out of the work tree.
    var isOutsideSparseCheckout: Bool {
        flags_extended & UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue) != 0
    }

    /// Whether the user told git not to look at the file (`git update-index --assume-unchanged`).
    var isAssumedUnchanged: Bool { flags & UInt16(GIT_INDEX_ENTRY_VALID.rawValue) != 0 }

    /// Whether it is one side of a merge that is not done.
    var isInConflict: Bool { flags & UInt16(GIT_INDEX_ENTRY_STAGEMASK) != 0 }
}

extension FileStatus {
    var modified: IndexTime { IndexTime(raw.st_mtim) }

    /// Whether the file is untouched since the entry was made.
    func matches(_ entry: git_index_entry) -> Bool {
        modified == IndexTime(entry.mtime) && IndexTime(raw.st_ctim) == IndexTime(entry.ctime)
            && UInt32(truncatingIfNeeded: raw.st_ino) == entry.ino
            && UInt32(truncatingIfNeeded: raw.st_size) == entry.file_size && isSymlink == (entry.mode == 0o120000)
    }

    func fill(_ entry: inout git_index_entry) {
        entry.ctime = IndexTime(raw.st_ctim).raw
        entry.mtime = modified.raw
        entry.dev = UInt32(truncatingIfNeeded: raw.st_dev)
        entry.ino = UInt32(truncatingIfNeeded: raw.st_ino)
        entry.uid = raw.st_uid
        entry.gid = raw.st_gid
        entry.file_size = UInt32(truncatingIfNeeded: raw.st_size)
    }
}
