import Glibc
package import SystemPackage

/// What the system says of a file. For targets that cannot name `stat` itself: with a static standard library two modules
/// lay claim to it.
package struct FileFacts: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case file, socket, other
    }

    package let kind: Kind
    /// Tells it from another file of the same name.
    package let inode: UInt64
    package let bytes: Int64

    /// `nil` where there is no such file. Links are not followed.
    package init?(_ path: FilePath) {
        var status = stat()
        guard lstat(path.cString, &status) == 0 else { return nil }
        self.init(status)
    }

    /// `nil` for a descriptor that is not open.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFSOCK: .socket
            default: .other
            }
        inode = UInt64(status.st_ino)
        bytes = Int64(status.st_size)
    }
}
