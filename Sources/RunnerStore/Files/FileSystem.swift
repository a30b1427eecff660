package import FoundationEssentials
import Glibc
package import SystemPackage

/// The few file operations that the stores are made of, each one system call or one rename.
package enum FileSystem {
    /// Makes a directory and the missing ones above it.
    package static func makeDirectories(_ path: FilePath, mode: UInt32 = 0o755) throws(SystemFailure) {
        if mkdir(path.cString, mode_t(mode)) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path.lastComponent != nil else { throw SystemFailure("make directory", path) }
        try makeDirectories(path.removingLastComponent(), mode: mode)
        if mkdir(path.cString, mode_t(mode)) != 0, errno != EEXIST { throw SystemFailure("make directory", path) }
    }

    /// Makes a directory; false where something of that name exists.
    package static func makeDirectory(_ path: FilePath, mode: UInt32 = 0o755) throws(SystemFailure) -> Bool {
        if mkdir(path.cString, mode_t(mode)) == 0 { return true }
        if errno == EEXIST { return false }
        throw SystemFailure("make directory", path)
    }

    package static func exists(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.cString, &status) == 0
    }

    package static func isDirectory(_ path: FilePath) -> Bool {
        var status = stat()
        return stat(path.cString, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A whole small file; `nil` where there is none. Links are not followed and `limit` bytes are the most.
    package static func read(_ path: FilePath, limit: Int = 64 << 20) throws(SystemFailure) -> Data? {
        let fd = open(path.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if fd < 0 {
            if errno == ENOENT { return nil }
            throw SystemFailure("open", path)
        }
        defer { close(fd) }
        var status = stat()
        try checked("inspect", path) { fstat(fd, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemFailure("read", path, EINVAL) }
        guard status.st_size <= limit else { throw SystemFailure("read", path, EFBIG) }
        // The kernel's own files, as in /proc, say that they are empty.
        var data = Data(count: status.st_size > 0 ? Int(status.st_size) : min(limit, 64 << 10))
        data.count = try fill(&data, from: fd, path)
        return data
    }

    /// Reads until the buffer is full or the file ends; returns how much.
    private static func fill(_ data: inout Data, from fd: Int32, _ path: FilePath) throws(SystemFailure) -> Int {
        var filled = 0
        while filled < data.count {
            let got = data.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { Glibc.read(fd, $0 + filled, buffer.count - filled) } ?? 0
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw SystemFailure("read", path) }
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// Puts a whole file in place by one rename, so that nobody ever sees a part of it.
    /// `durable` also waits for the disk.
    package static func write(
        _ data: some ContiguousBytes,
        to path: FilePath,
        mode: UInt32 = 0o644,
        durable: Bool = false
    ) throws(SystemFailure) {
        let temporary = path.removingLastComponent().appending(".\(UniqueName.make())")
        let fd = try checked("create", temporary) {
            open(temporary.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        }
        var failure = data.withUnsafeBytes { bytes in writeAll(bytes, to: fd) ? nil : SystemFailure("write", path) }
        if failure == nil, durable, fsync(fd) != 0 { failure = SystemFailure("write", path) }
        close(fd)
        if failure == nil, Glibc.rename(temporary.cString, path.cString) != 0 {
            failure = SystemFailure("rename to", path)
        }
        if let failure {
            unlink(temporary.cString)
            throw failure
        }
    }

    /// All of the bytes, however often the kernel takes a part; false with `errno` set where it takes no more.
    package static func writeAll(_ bytes: UnsafeRawBufferPointer, to fd: Int32) -> Bool {
        guard let start = bytes.baseAddress else { return true }
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(fd, start + done, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return false }
            done += count
        }
        return true
    }

    package static func rename(_ from: FilePath, to: FilePath) throws(SystemFailure) {
        if Glibc.rename(from.cString, to.cString) != 0 { throw SystemFailure("rename \(from) to", to) }
    }

    /// Notes by its time that a file was used just now. One that cannot be noted is cleaned up a little early: no harm.
    package static func touch(_ path: FilePath) { utimensat(AT_FDCWD, path.cString, nil, AT_SYMLINK_NOFOLLOW) }

    /// As `touch`, and leaves the time of its last change alone, which others see.
    package static func touchAccess(_ path: FilePath) {
        // UTIME_NOW and UTIME_OMIT of <sys/stat.h>.
        let times = [timespec(tv_sec: 0, tv_nsec: (1 << 30) - 1), timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)]
        utimensat(AT_FDCWD, path.cString, times, AT_SYMLINK_NOFOLLOW)
    }

    /// The names in a directory, sorted; empty where there is none.
    package static func names(in path: FilePath) -> [String] {
        guard let directory = opendir(path.cString) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// Names that no other process or thread makes at the same time.
package enum UniqueName {
    /// 16 hexadecimal digits from the system's random source.
    package static func make() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }
}
