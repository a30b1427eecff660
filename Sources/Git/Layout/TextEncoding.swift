internal import CLibgit2
internal import Glibc

/// Text between UTF-8 and the encodings that `working-tree-encoding` may name.
enum TextEncoding {
    /// Text of the repository as it stands in the work tree.
    static func encode(_ bytes: [UInt8], as encoding: String, _ path: TreePath) throws(GitError) -> [UInt8] {
        // The one name that is git's own: little-endian, with the mark that says so.
        guard encoding.uppercased() == "UTF-16LE-BOM" else {
            return try convert(bytes, from: "UTF-8", to: encoding, path)
        }
        return try [0xFF, 0xFE] + convert(bytes, from: "UTF-8", to: "UTF-16LE", path)
    }

    /// Text of the work tree as the repository keeps it.
    static func decode(_ bytes: [UInt8], from encoding: String, _ path: TreePath) throws(GitError) -> [UInt8] {
        let known = encoding.uppercased() == "UTF-16LE-BOM" ? "UTF-16" : encoding
        return try convert(bytes, from: known, to: "UTF-8", path)
    }

    private static func convert(
        _ bytes: [UInt8],
        from source: String,
        to target: String,
        _ path: TreePath
    ) throws(GitError) -> [UInt8] {
        let operation = "convert `\(path)` from \(source) to \(target)"
        let converter = iconv_open(target, source)
        guard converter != iconv_t(bitPattern: -1) else {
            throw GitError(.filterUnavailable, operation, "the system does not know the encoding")
        }
        defer { iconv_close(converter) }
        // No encoding in use takes more than four bytes for what UTF-8 says in one, besides a mark at the start.
        var output = [UInt8](repeating: 0, count: bytes.count * 4 + 16)
        var input = bytes.map { CChar(bitPattern: $0) }
        var written = 0
        let failed = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBytes { target in
                var from = source.baseAddress
                var fromCount = source.count
                var to = target.bindMemory(to: CChar.self).baseAddress
                var toCount = target.count
                let failed = iconv(converter, &from, &fromCount, &to, &toCount) == .max
                written = target.count - toCount
                return failed
            }
        }
        guard !failed else { throw Libgit2.systemError(operation) }
        return Array(output[..<written])
    }
}
