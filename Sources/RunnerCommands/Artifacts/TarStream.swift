import FoundationEssentials
import Glibc
import RunnerStore
import SystemPackage

/// Writes a tar archive to a descriptor: POSIX ustar, long names as GNU has them. Times and owners are left out, so that the
/// same files make the same archive.
struct TarStream {
    let fd: Int32

    func begin(_ name: Data, bytes: Int64, isExecutable: Bool) throws {
        try header(name, kind: "0", bytes: bytes, mode: isExecutable ? 0o755 : 0o644)
    }

    func link(_ name: Data, to target: Data) throws {
        try header(name, kind: "2", bytes: 0, mode: 0o777, link: target)
    }

    func write(_ bytes: [UInt8]) throws {
        guard bytes.withUnsafeBytes({ FileSystem.writeAll($0, to: fd) }) else {
            throw SystemFailure("write", "the archive")
        }
    }

    /// Fills up the last block of a file of this length.
    func endFile(_ bytes: Int64) throws {
        let rest = Int(bytes % 512)
        if rest > 0 { try write([UInt8](repeating: 0, count: 512 - rest)) }
    }

    func finish() throws { try write([UInt8](repeating: 0, count: 1024)) }

    private func header(_ name: Data, kind: Character, bytes: Int64, mode: Int64, link: Data = Data()) throws {
        if name.count > 100 { try long(name, kind: "L") }
        if link.count > 100 { try long(link, kind: "K") }
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { block[offset + index] = byte }
        }
        func number(_ value: Int64, at offset: Int, digits: Int) {
            let text = String(value, radix: 8)
            put((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8, at: offset)
        }
        put(name.prefix(100), at: 0)
        number(mode, at: 100, digits: 7)
        number(0, at: 108, digits: 7)
        number(0, at: 116, digits: 7)
        if bytes < 1 << 33 {
            number(bytes, at: 124, digits: 11)
        } else {
            // GNU's form for what eleven octal digits cannot say.
            block[124] = 0x80
            for index in 0..<8 { block[135 - index] = UInt8(truncatingIfNeeded: bytes >> Int64(8 * index)) }
        }
        number(0, at: 136, digits: 11)
        put(String(repeating: " ", count: 8).utf8, at: 148)
        put(String(kind).utf8, at: 156)
        put(link.prefix(100), at: 157)
        put("ustar  ".utf8, at: 257)
        let sum = block.reduce(Int64(0)) { $0 + Int64($1) }
        number(sum, at: 148, digits: 6)
        block[154] = 0
        try write(block)
    }

    private func long(_ text: Data, kind: Character) throws {
        try header(Data("././@LongLink".utf8), kind: kind, bytes: Int64(text.count + 1), mode: 0o644)
        try write(Array(text) + [0])
        try endFile(Int64(text.count + 1))
    }
}
