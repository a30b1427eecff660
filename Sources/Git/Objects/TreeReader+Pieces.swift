internal import CLibgit2

extension TreeReader {
    /// From this size on content is worked on in pieces.
    static let largeSize = 1 << 20
    private static let pieceSize = 1 << 18

    /// How many bytes an object has, which is found out without reading it all.
    func size(of id: ObjectID) throws(GitError) -> Int {
        var oid = id.oid
        var size = 0
        var kind = GIT_OBJECT_INVALID
        try Libgit2.check(git_odb_read_header(&size, &kind, odb, &oid), "read object \(id.short)")
        return size
    }

    /// Calls with the content of a blob, from its beginning to its end.
    ///
    /// libgit2 reads loose objects in pieces. One in a pack comes as a single piece, whatever its size.
    func forEachPiece(
        ofBlob id: ObjectID,
        _ visit: (UnsafeRawBufferPointer) throws(GitError) -> Void
    ) throws(GitError) {
        var oid = id.oid
        var stream: UnsafeMutablePointer<git_odb_stream>?
        var size = 0
        var kind = GIT_OBJECT_INVALID
        guard git_odb_open_rstream(&stream, &size, &kind, odb, &oid) == 0, let stream else {
            return try withObject(id, kind: GIT_OBJECT_BLOB, visit)
        }
        defer { git_odb_stream_free(stream) }
        guard kind == GIT_OBJECT_BLOB else { return try withObject(id, kind: GIT_OBJECT_BLOB, visit) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 16)
        defer { buffer.deallocate() }
        let start = buffer.assumingMemoryBound(to: CChar.self).baseAddress
        var rest = size
        // The read after the last byte is the one that finds a wrong checksum.
        while true {
            let count = Int(git_odb_stream_read(stream, start, buffer.count))
            try Libgit2.check(Int32(count), "read blob \(id.short)")
            guard count <= rest, count > 0 || rest == 0 else {
                throw GitError(.other, "read blob \(id.short)", "it has another size than it says")
            }
            if count == 0 { return }
            try visit(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            rest -= count
        }
    }
}
