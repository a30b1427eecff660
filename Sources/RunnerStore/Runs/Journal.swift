import FoundationEssentials
import Glibc
import Synchronization
package import SystemPackage

/// An append-only file of records, one line each, written whole by one system call.
package final class Journal: Sendable {
    private let fd: Int32
    /// Whether the last record may stand there by half.
    private let isCut = Mutex(false)

    package init(_ path: FilePath) throws(SystemFailure) {
        fd = try checked("open journal", path) { open(path.cString, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) }
    }

    deinit { close(fd) }

    /// Appends a record. The journal is for those who look on: what must not be lost stands in the results, so a record
    /// that the disk does not take is given up.
    ///
    /// A record of a stage also goes to the stage's own file, `copy`, which whoever has only that stage can read.
    package func record(_ record: RunRecord, copy: FilePath? = nil) {
        guard var line = try? JSON.encode(record) else { return }
        line.append(UInt8(ascii: "\n"))
        isCut.withLock { isCut in
            // A record of its own for what follows: readers skip empty lines, and the half one.
            if isCut { line.insert(UInt8(ascii: "\n"), at: line.startIndex) }
            isCut = !line.withUnsafeBytes { FileSystem.writeAll($0, to: fd) }
        }
        guard let copy, let other = try? Journal(copy) else { return }
        _ = line.withUnsafeBytes { FileSystem.writeAll($0, to: other.fd) }
    }
}
