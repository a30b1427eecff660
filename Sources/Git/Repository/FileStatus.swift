internal import Glibc
internal import SystemPackage

/// The metadata of a file, symlinks not followed.
struct FileStatus {
    let raw: stat

    /// `nil` when there is no such file.
    init?(_ path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return nil }
        raw = status
    }

    var size: Int { Int(raw.st_size) }
    var isDirectory: Bool { raw.st_mode & S_IFMT == S_IFDIR }
    var isRegular: Bool { raw.st_mode & S_IFMT == S_IFREG }
    var isSymlink: Bool { raw.st_mode & S_IFMT == S_IFLNK }
}

extension FilePath {
    /// The path as the system has it, which need not be UTF-8.
    var bytes: [UInt8] { withPlatformString { Array(cString: $0) } }

    init(bytes: [UInt8]) { self = TreePath(bytes: bytes).withCString { FilePath(platformString: $0) } }

    /// This directory followed by a path inside a tree, byte for byte.
    func appending(_ path: TreePath) -> FilePath {
        guard !path.isRoot else { return self }
        let inner = path.withCString { FilePath(platformString: $0) }
        return pushing(inner)
    }
}
