import Glibc
package import SystemPackage

/// What lies in a directory tree, found without ever following a link.
package struct DirectoryEntry: Sendable {
    package enum Kind: Sendable, Hashable {
        case directory, file, link
        /// A device, socket or pipe; `isWhiteout` for the overlay's mark of a deleted name.
        case special(isWhiteout: Bool)
    }

    /// Relative to the root of the walk, as raw bytes, because names need not be UTF-8.
    package let name: [UInt8]
    package let kind: Kind
    package let mode: UInt32
    package let bytes: Int64

    /// The entry's place below `root`.
    package func path(below root: FilePath) -> FilePath { root.appending(bytes: name) }
}

extension FilePath {
    /// For system calls: the bytes as they are, where `string` repairs those that are not UTF-8, and a zero.
    package var cString: [CChar] { withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) } }

    /// This path, and below it a relative one given as raw bytes.
    package func appending(bytes name: [UInt8]) -> FilePath {
        var bytes = withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
        if !bytes.isEmpty, bytes.last != CChar(bitPattern: UInt8(ascii: "/")) {
            bytes.append(CChar(bitPattern: UInt8(ascii: "/")))
        }
        bytes.append(contentsOf: name.map(CChar.init(bitPattern:)))
        bytes.append(0)
        return bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { FilePath(platformString: $0) } ?? self
        }
    }
}

/// A depth-first walk, directories before what is in them, names sorted byte-wise.
package enum DirectoryWalk {
    /// Calls `visit` for each entry below `root`; for a directory the answer says whether to go into it.
    package static func visit(
        _ root: FilePath,
        _ visit: (DirectoryEntry) throws -> Bool
    ) throws {
        let fd = try checked("open directory", root) {
            open(root.cString, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        try descend(fd, root: root, prefix: [], visit)
    }

    /// Takes `fd` over and closes it.
    private static func descend(
        _ fd: Int32,
        root: FilePath,
        prefix: [UInt8],
        _ visit: (DirectoryEntry) throws -> Bool
    ) throws {
        guard let directory = fdopendir(fd) else {
            close(fd)
            throw SystemFailure("open directory", root.appending(bytes: prefix))
        }
        defer { closedir(directory) }
        for name in names(in: directory) {
            let path = prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
            guard let entry = inspect(name, in: fd, path: path) else { continue }
            guard try visit(entry), entry.kind == .directory else { continue }
            let child = openat(fd, name + [0])
            guard child >= 0 else { throw SystemFailure("open directory", entry.path(below: root)) }
            try descend(child, root: root, prefix: path, visit)
        }
    }

    private static func names(in directory: OpaquePointer) -> [[UInt8]] {
        var names: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
            if name != [UInt8(ascii: ".")], name != Array("..".utf8) { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func inspect(_ name: [UInt8], in fd: Int32, path: [UInt8]) -> DirectoryEntry? {
        var status = stat()
        let found = (name + [0]).withUnsafeBytes { bytes in
            bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { fstatat(fd, $0, &status, AT_SYMLINK_NOFOLLOW) }
        }
        guard found == 0 else { return nil }
        let kind: DirectoryEntry.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .directory
            case S_IFREG: .file
            case S_IFLNK: .link
            default: .special(isWhiteout: status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0)
            }
        return DirectoryEntry(name: path, kind: kind, mode: status.st_mode & 0o7777, bytes: Int64(status.st_size))
    }

    private static func openat(_ fd: Int32, _ name: [UInt8]) -> Int32 {
        name.withUnsafeBytes { bytes in
            bytes.assumingMemoryBound(to: CChar.self).baseAddress.map {
                Glibc.openat(fd, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            } ?? -1
        }
    }
}
