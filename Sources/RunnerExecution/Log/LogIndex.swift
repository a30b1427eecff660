import FoundationEssentials
import Glibc
import RunnerStore
package import SystemPackage

/// When the lines of a log came: 16 bytes for each piece, offset and time, little endian.
package struct LogIndex: Sendable {
    package struct Entry: Sendable, Hashable {
        /// Of the piece's first byte in the log.
        package let offset: Int64
        /// Since 1970.
        package let milliseconds: Int64
    }

    package let entries: [Entry]

    /// Reads the index that belongs to a log; empty where there is none.
    package init(ofLog log: FilePath) throws {
        guard let data = try FileSystem.read(Self.path(of: log), limit: 1 << 30) else {
            entries = []
            return
        }
        entries = data.withUnsafeBytes { bytes in
            (0..<bytes.count / 16).map { number in
                Entry(
                    offset: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: number * 16, as: Int64.self)),
                    milliseconds: Int64(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: number * 16 + 8, as: Int64.self)
                    )
                )
            }
        }
    }

    /// The time of the byte at an offset, in milliseconds since 1970; `nil` before the first entry.
    package func time(at offset: Int64) -> Int64? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? entries[low - 1].milliseconds : nil
    }

    static func path(of log: FilePath) -> FilePath {
        var path = log
        path.extension = "idx"
        return path
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
