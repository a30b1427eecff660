import Glibc
import RunnerStore
import Synchronization
import SystemPackage

/// A file that grows, open for reading.
final class OpenFile: Sendable {
    private let fd: Int32
    let path: FilePath
    let inode: UInt64

    /// `nil` where there is no such file, or one that is none of ours: a link, a pipe.
    init?(_ path: FilePath) throws(SystemFailure) {
        self.path = path
        fd = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if fd < 0 {
            if errno == ENOENT { return nil }
            throw SystemFailure("open", path)
        }
        guard let facts = FileFacts(descriptor: fd), facts.kind == .file else {
            close(fd)
            return nil
        }
        inode = facts.inode
    }

    deinit { close(fd) }

    var size: Int64 { FileFacts(descriptor: fd)?.bytes ?? 0 }

    /// Up to `count` bytes; fewer at the end.
    func read(at offset: Int64, _ count: Int = 64 << 10) throws(SystemFailure) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let start = buffer.baseAddress {
                let got = pread(fd, start + filled, count - filled, off_t(offset) + filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        if let failure { throw SystemFailure("read", path, failure) }
        return bytes
    }
}

/// Files that several read at once: one descriptor for all of them.
final class FileCache: Sendable {
    private struct Entry {
        weak var file: OpenFile?
        weak var progress: StageProgress?
    }

    private let entries = Mutex<[FilePath: Entry]>([:])

    /// `nil` where there is no such file.
    func file(_ path: FilePath) throws(SystemFailure) -> OpenFile? {
        if let file = entries.withLock({ $0[path]?.file }), file.inode == Self.inode(path) { return file }
        guard let file = try OpenFile(path) else { return nil }
        entries.withLock { entries in
            entries = entries.filter { $0.value.file != nil || $0.value.progress != nil }
            entries[path, default: Entry()].file = file
        }
        return file
    }

    /// What a stage's events tell, read once for all that follow it; `nil` where it has none yet.
    func progress(of stage: StageDirectory) throws(SystemFailure) -> StageProgress? {
        guard let file = try file(stage.events) else { return nil }
        return entries.withLock { entries in
            if let known = entries[stage.events]?.progress, known.file.inode == file.inode { return known }
            let progress = StageProgress(file)
            entries[stage.events, default: Entry()].progress = progress
            return progress
        }
    }

    private static func inode(_ path: FilePath) -> UInt64? { FileFacts(path)?.inode }
}
