internal import CLibgit2

/// Writes a blob in pieces; libgit2 keeps them in a temporary file beside the objects.
final class BlobWriter {
    private let stream: UnsafeMutablePointer<git_odb_stream>
    private let operation: String

    /// The size must be known, as a blob begins with it.
    init(size: Int, _ path: TreePath, into odb: OpaquePointer) throws(GitError) {
        operation = "write the blob of `\(path)`"
        var opened: UnsafeMutablePointer<git_odb_stream>?
        try Libgit2.check(git_odb_open_wstream(&opened, odb, git_object_size_t(size), GIT_OBJECT_BLOB), operation)
        guard let opened else { throw GitError(.other, operation, "libgit2 handed out nothing") }
        stream = opened
    }

    deinit { git_odb_stream_free(stream) }

    func append(_ bytes: UnsafeRawBufferPointer) throws(GitError) {
        let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
        guard stream.pointee.received_bytes + UInt64(bytes.count) <= stream.pointee.declared_size else {
            throw changed
        }
        try Libgit2.check(git_odb_stream_write(stream, start, bytes.count), operation)
    }

    /// Gives the blob its name. Nothing is kept when there is one like it already.
    func finish() throws(GitError) -> ObjectID {
        guard stream.pointee.received_bytes == stream.pointee.declared_size else { throw changed }
        var oid = git_oid()
        try Libgit2.check(git_odb_stream_finalize_write(&oid, stream), operation)
        return ObjectID(oid)
    }

    private var changed: GitError { GitError(.other, operation, "the file changed while it was read") }
}
