import Glibc
package import SystemPackage

/// A system call that said no: which, on what, and why.
package struct SystemFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let operation: String
    package let path: FilePath
    package let errno: Errno

    package init(_ operation: String, _ path: FilePath, _ code: Int32 = Glibc.errno) {
        self.operation = operation
        self.path = path
        errno = Errno(rawValue: code)
    }

    /// True where the disk, a quota or the inodes are used up.
    package var isDiskFull: Bool { errno == .noSpace || errno.rawValue == EDQUOT }

    package var description: String { "\(operation) \(path): \(errno)" }
}

/// Runs a system call again while signals interrupt it.
@discardableResult
package func checked(_ operation: String, _ path: FilePath, _ call: () -> Int32) throws(SystemFailure) -> Int32 {
    while true {
        let result = call()
        if result >= 0 { return result }
        if errno != EINTR { throw SystemFailure(operation, path) }
    }
}
