import Crypto
package import FoundationEssentials
import Glibc
package import SystemPackage

/// A SHA-256 of some bytes: the name of everything that is kept by content.
package struct Digest: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    package let description: String

    /// `nil` unless 64 lower-case hexadecimal digits.
    package init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        description = text
    }

    fileprivate init(_ bytes: some Sequence<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// The first ten digits, for people.
    package var short: String { String(description.prefix(10)) }

    package static func sha256(_ text: String) -> Digest { Digest(SHA256.hash(data: Data(text.utf8))) }

    package static func sha256(_ data: Data) -> Digest { Digest(SHA256.hash(data: data)) }

    package static func < (left: Digest, right: Digest) -> Bool { left.description < right.description }
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "`\(text)` is not a SHA-256")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Hashes what streams by, in pieces of any size.
package struct DigestStream {
    private var hash = SHA256()

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    package func finish() -> Digest { Digest(hash.finalize()) }

    /// The digest of what is left to read from a descriptor, and how much that was.
    package static func read(_ fd: Int32, name: FilePath) throws(SystemFailure) -> (digest: Digest, bytes: Int64) {
        var stream = DigestStream()
        var bytes: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let got = Glibc.read(fd, buffer.baseAddress, buffer.count)
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw SystemFailure("read", name) }
            if got == 0 { return (stream.finish(), bytes) }
            stream.update(UnsafeRawBufferPointer(rebasing: buffer[0..<got]))
            bytes += Int64(got)
        }
    }
}
