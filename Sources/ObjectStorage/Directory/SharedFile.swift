import FoundationEssentials
import Glibc
import SystemPackage

/// One file of a shared directory, open to be read. Directories are opened one below the other and links are never followed:
/// who may write there leads nobody elsewhere.
final class SharedFile {
    private let fd: Int32
    private let path: FilePath
    let bytes: Int64

    /// Any file of this machine.
    convenience init(path: FilePath) throws {
        let fd = Glibc.open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard fd >= 0 else { throw failure("open", path) }
        try self.init(fd, path)
    }

    private init(_ fd: Int32, _ path: FilePath) throws {
        self.fd = fd
        self.path = path
        var status = stat()
        if fstat(fd, &status) != 0 || status.st_mode & S_IFMT != S_IFREG {
            close(fd)
            throw ObjectFailure.file(operation: "read", path: path, errno: .invalidArgument)
        }
        bytes = Int64(status.st_size)
    }

    deinit { close(fd) }

    /// `nil` where there is none.
    static func open(_ name: ObjectName, below root: FilePath) throws -> SharedFile? {
        guard let directory = try SharedDirectory.open(name.parts.dropLast(), below: root, making: false) else {
            return nil
        }
        let path = root.appending(name.description)
        let fd = openat(directory.fd, directory.last(of: name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if fd < 0, errno == ENOENT { return nil }
        guard fd >= 0 else { throw failure("open", path) }
        return try SharedFile(fd, path)
    }

    /// Everything that is left to read, in pieces.
    func pieces(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let got = Glibc.read(fd, buffer.baseAddress, buffer.count)
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw failure("read", path) }
            if got == 0 { return }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
        }
    }

    /// Makes a file aside, waits for the disk, and puts it in place.
    static func put(
        _ name: ObjectName,
        below root: FilePath,
        _ fill: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let path = root.appending(name.description)
        guard let directory = try SharedDirectory.open(name.parts.dropLast(), below: root, making: true) else {
            throw ObjectFailure.file(operation: "make directory for", path: path, errno: .noSuchFileOrDirectory)
        }
        let aside = ".\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let target = try NewFile(in: directory.fd, aside, path)
        do {
            try fill { try target.append($0) }
            try target.finish()
            guard renameat(directory.fd, aside, directory.fd, directory.last(of: name)) == 0 else {
                throw failure("rename to", path)
            }
        } catch {
            target.discard()
            throw error
        }
    }

    static func remove(_ name: ObjectName, below root: FilePath) throws {
        guard let directory = try SharedDirectory.open(name.parts.dropLast(), below: root, making: false) else {
            return
        }
        if unlinkat(directory.fd, directory.last(of: name), 0) != 0, errno != ENOENT {
            throw failure("remove", root.appending(name.description))
        }
    }

    /// Every object whose name begins so, in the order of names.
    static func list(_ prefix: String, below root: FilePath) throws -> [ObjectPage.Entry] {
        let parts = prefix.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let above = Array(parts.dropLast())
        guard above.allSatisfy({ ObjectName($0) != nil }) else { return [] }
        guard let directory = try SharedDirectory.open(above[...], below: root, making: false) else { return [] }
        var found: [ObjectPage.Entry] = []
        try directory.walk(above.map { $0 + "/" }.joined()) { entry in
            if entry.name.description.hasPrefix(prefix) { found.append(entry) }
        }
        return found.sorted { $0.name.description < $1.name.description }
    }
}

/// A file that is being written. It must not exist before.
final class NewFile {
    private let directory: Int32
    private let name: String
    private let path: FilePath
    private let fd: Int32

    convenience init(_ path: FilePath) throws { try self.init(in: AT_FDCWD, path.string, path) }

    init(in directory: Int32, _ name: String, _ path: FilePath) throws {
        self.directory = directory
        self.name = name
        self.path = path
        fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard fd >= 0 else { throw failure("create", path) }
    }

    deinit { close(fd) }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard let start = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(fd, start + done, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw failure("write", path) }
            done += count
        }
    }

    /// Waits for the disk.
    func finish() throws { if fsync(fd) != 0 { throw failure("write", path) } }

    func discard() { unlinkat(directory, name, 0) }
}

func failure(_ operation: String, _ path: FilePath) -> ObjectFailure {
    .file(operation: operation, path: path, errno: Errno(rawValue: errno))
}
