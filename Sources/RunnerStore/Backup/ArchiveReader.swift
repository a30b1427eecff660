import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage

/// Reads a tar archive from a descriptor, member by member. It writes nothing itself, and takes plain files alone: whoever
/// made the archive need not be a friend.
struct ArchiveReader {
    struct Member {
        let path: String
        let bytes: Int64
    }

    private let fd: Int32
    private let name: FilePath
    private var left: Int64 = 0
    private var padding: Int64 = 0

    init(_ fd: Int32, name: FilePath) {
        self.fd = fd
        self.name = name
    }

    /// The next file; `nil` at the end. What was not read of the one before is skipped.
    mutating func next() throws -> Member? {
        var longName: String?
        while true {
            try skip(left + padding)
            (left, padding) = (0, 0)
            guard let block = try header() else { return nil }
            let bytes = try Self.number(block[124..<136], name)
            (left, padding) = (bytes, (512 - bytes % 512) % 512)
            switch block[156] {
            case 0, UInt8(ascii: "0"):
                return Member(path: try longName ?? Self.path(block, name), bytes: bytes)
            case UInt8(ascii: "L"):
                guard bytes <= 8192 else { throw Self.broken(name, "a name in it is \(bytes) bytes long") }
                var text: [UInt8] = []
                try read { text += $0 }
                longName = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
            default:
                let path = try longName ?? Self.path(block, name)
                throw Self.broken(name, "`\(path)` in it is no plain file")
            }
        }
    }

    /// The bytes of the member, in pieces.
    mutating func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while left > 0 {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<Int(min(left, Int64(buffer.count)))])
            guard try fill(piece) == piece.count else { throw Self.broken(name, "it ends too early") }
            left -= Int64(piece.count)
            try body(UnsafeRawBufferPointer(piece))
        }
    }

    static func broken(_ name: FilePath, _ why: String) -> RunnerError {
        RunnerError(.input, "cannot use the backup `\(name)`", why: why, hint: "nothing was taken from it")
    }

    /// `nil` at the end of the archive.
    private func header() throws -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: 512)
        let count = try block.withUnsafeMutableBytes { try fill($0) }
        if count == 0 || (count == 512 && block.allSatisfy { $0 == 0 }) { return nil }
        guard count == 512 else { throw Self.broken(name, "it ends too early") }
        let sum = block.enumerated().reduce(0) { $0 + (148..<156 ~= $1.offset ? 32 : Int($1.element)) }
        guard try Int64(sum) == Self.number(block[148..<156], name) else {
            throw Self.broken(name, "it is no backup, or it is damaged")
        }
        return block
    }

    private func skip(_ bytes: Int64) throws {
        var bytes = bytes
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while bytes > 0 {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<Int(min(bytes, Int64(buffer.count)))])
            guard try fill(piece) == piece.count else { throw Self.broken(name, "it ends too early") }
            bytes -= Int64(piece.count)
        }
    }

    /// As much as there is.
    private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let got = Glibc.read(fd, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw SystemFailure("read", name) }
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// Octal digits, or, for what is too large for them, a number as bytes after one with the highest bit.
    private static func number(_ field: ArraySlice<UInt8>, _ name: FilePath) throws -> Int64 {
        if field.first == 0x80 { return field.dropFirst().suffix(7).reduce(0) { $0 << 8 | Int64($1) } }
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        guard let number = Int64(String(decoding: digits, as: UTF8.self), radix: 8), number >= 0 else {
            throw broken(name, "it is no backup, or it is damaged")
        }
        return number
    }

    private static func path(_ block: [UInt8], _ name: FilePath) throws -> String {
        func text(_ range: Range<Int>) throws -> String {
            guard let text = String(validating: block[range].prefix { $0 != 0 }, as: UTF8.self) else {
                throw broken(name, "a name in it is not UTF-8")
            }
            return text
        }
        // The old header of GNU tar has other things where ustar has the front part of long names.
        let isUstar = block[257..<265].elementsEqual("ustar\u{0}00".utf8)
        let front = isUstar ? try text(345..<500) : ""
        return try front.isEmpty ? text(0..<100) : "\(front)/\(text(0..<100))"
    }
}
