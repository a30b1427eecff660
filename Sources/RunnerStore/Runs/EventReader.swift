import FoundationEssentials
import Glibc
import SystemPackage

/// Reads a run's events from any line's start on, as the supervisor writes them. Keeps nothing open between two looks.
package struct EventReader: Sendable {
    /// What was read at once.
    package struct Batch: Sendable {
        /// Without the lines that cannot be understood: another version wrote them, or a crash cut them off.
        package var records: [RunRecord]
        /// Where the next line starts.
        package var offset: Int64
        /// False where there may be more already.
        package var isAtEnd: Bool
    }

    private let path: FilePath

    package init(_ run: RunDirectory) { path = run.events }

    /// Whole lines from `offset` on, about as many as `limit` bytes hold, but at least one. A line that is still being
    /// written, or that a killed supervisor left by half, is left for the next look.
    package func read(from offset: Int64, limit: Int = 256 << 10) throws(SystemFailure) -> Batch {
        let fd = open(path.cString, O_RDONLY | O_CLOEXEC)
        if fd < 0, errno == ENOENT { return Batch(records: [], offset: offset, isAtEnd: true) }
        guard fd >= 0 else { throw SystemFailure("open", path) }
        defer { close(fd) }
        var capacity = limit
        while true {
            let bytes = try take(capacity, from: fd, at: offset)
            let isAtEnd = bytes.count < capacity
            if let last = bytes.lastIndex(of: UInt8(ascii: "\n")) {
                return Batch(records: Self.records(bytes[..<last]), offset: offset + Int64(last) + 1, isAtEnd: isAtEnd)
            }
            if isAtEnd { return Batch(records: [], offset: offset, isAtEnd: true) }
            capacity *= 2
        }
    }

    private func take(_ capacity: Int, from fd: Int32, at offset: Int64) throws(SystemFailure) -> [UInt8] {
        var failure: SystemFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
            while filled < capacity {
                let start = buffer.baseAddress.map { $0 + filled }
                let count = pread(fd, start, capacity - filled, off_t(offset) + filled)
                if count < 0, errno == EINTR { continue }
                if count < 0 { failure = SystemFailure("read", path) }
                if count <= 0 { break }
                filled += count
            }
        }
        if let failure { throw failure }
        return bytes
    }

    private static func records(_ lines: ArraySlice<UInt8>) -> [RunRecord] {
        // A line that cannot be understood is skipped here and stays on disk.
        lines.split(separator: UInt8(ascii: "\n")).compactMap { try? JSON.decode(RunRecord.self, from: Data($0)) }
    }
}
