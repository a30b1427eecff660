import FoundationEssentials
import Glibc
package import SystemPackage

/// An append-only file of records, one line each, written whole by one system call.
package final class Journal: Sendable {
    private let fd: Int32
    private let path: FilePath

    package init(_ path: FilePath) throws(SystemFailure) {
        self.path = path
        fd = try checked("open journal", path) { open(path.string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) }
    }

    deinit { close(fd) }

    /// Appends one record.
    package func append(_ record: some Encodable) throws {
        var line = try JSON.encode(record)
        line.append(UInt8(ascii: "\n"))
        let isWritten = line.withUnsafeBytes { FileSystem.writeAll($0, to: fd) }
        if !isWritten { throw SystemFailure("append to", path) }
    }
}
