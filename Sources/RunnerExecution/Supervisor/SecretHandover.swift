import FoundationEssentials
import Glibc
import RunnerStore

/// How secret values reach a supervisor: through its standard input, never a file, an argument or a variable.
package enum SecretHandover {
    /// More than this is not a set of secrets.
    private static let maximumBytes = 16 << 20

    /// What the asking side writes before it closes the pipe.
    package static func encode(_ secrets: [String: String]) throws -> [UInt8] { Array(try JSON.encode(secrets)) }

    /// Reads to the end. `nil` where nothing at all comes: whoever was to write is gone.
    package static func receive(from fd: Int32) throws -> [String: String]? { try decode(readAll(from: fd)[...]) }

    static func decode(_ bytes: ArraySlice<UInt8>) throws -> [String: String]? {
        bytes.isEmpty ? nil : try JSON.decode([String: String].self, from: Data(bytes))
    }

    static func readAll(from fd: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= maximumBytes {
            let count = read(fd, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += buffer.prefix(count)
        }
        return bytes
    }
}
