internal import CLibgit2
internal import SystemPackage

/// A file that goes into the repository in pieces, so that memory does not grow with its size.
struct LargeFile {
    /// Where the content is: the file itself, or what a filter program made of it.
    let content: FilePath
    let path: TreePath
    let handle: RepositoryHandle
    let index: SnapshotIndex

    private enum Conversion {
        case none
        /// How many line ends become shorter.
        case lineEnds(Int)
        /// What libgit2 does with the whole file in memory.
        case other
    }

    /// The blob with the line ends that git would store; `nil` when that is not all that is to be done.
    func write(_ attributes: FileAttributes) throws(GitError) -> ObjectID? {
        guard let size = FileStatus(content)?.size else { throw Libgit2.systemError("read \(content)") }
        switch try conversion(attributes) {
        case .other:
            return nil
        case .none:
            // To compress a file takes far longer than to find out that it is known.
            if let entry = index.entry(at: path), try hash() == ObjectID(entry.id) { return ObjectID(entry.id) }
            return try write(size: size) { (writer) throws(GitError) in
                try FileBytes.forEachPiece(of: content) { (piece) throws(GitError) in try writer.append(piece) }
            }
        case .lineEnds(let count):
            return try write(size: size - count) { (writer) throws(GitError) in
                var shortening = LineEnds.Shortening()
                try FileBytes.forEachPiece(of: content) { (piece) throws(GitError) in
                    try shortening.add(piece) { (bytes) throws(GitError) in try writer.append(bytes) }
                }
                try shortening.finish { (bytes) throws(GitError) in try writer.append(bytes) }
            }
        }
    }

    private func conversion(_ attributes: FileAttributes) throws(GitError) -> Conversion {
        var filters: OpaquePointer?
        let loaded = path.withCString {
            git_filter_list_load(&filters, handle.pointer, nil, $0, GIT_FILTER_TO_ODB, 0)
        }
        try Libgit2.check(loaded, "clean `\(path)`")
        guard let filters else { return .none }
        defer { git_filter_list_free(filters) }
        // A return that must not get lost is for libgit2 to complain about.
        let isSafe = handle.configurationFlag("core.safecrlf", default: false)
        if git_filter_list_contains(filters, "ident") != 0 || isSafe { return .other }
        var count = LineEnds.Count()
        try FileBytes.forEachPiece(of: content) { (piece) throws(GitError) in count.add(piece) }
        guard count.pairs > 0 else { return .none }
        if attributes.isTextGuessed {
            var statistics = TextStatistics()
            try FileBytes.forEachPiece(of: content) { (piece) throws(GitError) in statistics.add(piece) }
            if statistics.isBinary { return .none }
            if try hasLineEndPairsInIndex() { return .none }
        }
        return .lineEnds(count.pairs)
    }

    /// Where only the content says that a file is text, git leaves the line ends of one that always had such.
    private func hasLineEndPairsInIndex() throws(GitError) -> Bool {
        guard let entry = index.entry(at: path) ?? index.entry(at: path, stage: 2) else { return false }
        var statistics = TextStatistics()
        try handle.withReader { (reader) throws(GitError) in
            try reader.forEachPiece(ofBlob: ObjectID(entry.id)) { (piece) throws(GitError) in statistics.add(piece) }
        }
        return statistics.hasLineEndPairs && !statistics.isBinary
    }

    private func hash() throws(GitError) -> ObjectID {
        var oid = git_oid()
        let code = content.withPlatformString { git_odb_hashfile(&oid, $0, GIT_OBJECT_BLOB) }
        try Libgit2.check(code, "read `\(path)`")
        return ObjectID(oid)
    }

    private func write(size: Int, _ body: (BlobWriter) throws(GitError) -> Void) throws(GitError) -> ObjectID {
        try handle.withObjects { (odb) throws(GitError) in
            let writer = try BlobWriter(size: size, path, into: odb)
            try body(writer)
            return try writer.finish()
        }
    }
}
