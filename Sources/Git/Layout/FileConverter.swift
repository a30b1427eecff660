internal import CLibgit2
internal import SystemPackage

/// Turns the content of blobs into that of files where `.gitattributes` ask for it.
struct FileConverter: Sendable {
    private let commit: ObjectID
    private let largeFiles: LargeFileSource

    /// `nil` when the tree's attributes change no content, which is nearly always.
    init?(
        _ tree: ObjectID,
        _ plan: LayoutPlan,
        store: StoreRepository,
        with handle: RepositoryHandle
    ) throws(GitError) {
        let sources = plan.directories.lazy.compactMap { directory in
            directory.items.first { $0.name == AttributeSource.fileName && $0.mode.isFile }?.id
        }
        try self.init(tree, Set(sources), store, handle)
    }

    init?(
        _ delta: TreeDelta,
        _ plan: LayoutPlan,
        store: StoreRepository,
        with handle: RepositoryHandle
    ) throws(GitError) {
        guard plan.count > 0 else { return nil }
        try self.init(delta.to, Set(delta.attributeFiles.map(\.id)), store, handle)
    }

    private init?(
        _ tree: ObjectID,
        _ sources: Set<ObjectID>,
        _ store: StoreRepository,
        _ handle: RepositoryHandle
    ) throws(GitError) {
        var isNeeded = false
        for blob in sources where !isNeeded { isNeeded = try AttributeSource.mayChangeContent(blob, with: handle) }
        guard isNeeded else { return nil }
        commit = try AttributeSource.commit(of: tree, with: handle)
        largeFiles = LargeFileSource(directories: StoreRepository.largeFileDirectories(store.path))
    }

    /// The content of the file; `nil` when it is that of the blob.
    func convert(
        _ path: TreePath,
        _ blob: ObjectID,
        with handle: RepositoryHandle
    ) throws(GitError) -> ConvertedContent? {
        let attributes = try FileAttributes(of: path, in: commit, with: handle)
        guard attributes.changesContent else { return nil }
        if attributes.isLargeFile {
            let size = try handle.withReader { (reader) throws(GitError) in try reader.size(of: blob) }
            guard size < LargeFilePointer.longest else { return nil }
            return try largeFiles.file(for: handle.blob(blob, limit: .max), path).map(ConvertedContent.file)
        }
        var bytes = try attributes.hasOtherText ? filter(blob, path, handle) : handle.blob(blob, limit: .max)
        if let encoding = attributes.encoding { bytes = try TextEncoding.encode(bytes, as: encoding, path) }
        return .bytes(bytes)
    }

    private func filter(
        _ id: ObjectID,
        _ path: TreePath,
        _ handle: RepositoryHandle
    ) throws(GitError) -> [UInt8] {
        var oid = id.oid
        let blob = try Libgit2.obtain("read blob \(id.short)") { git_blob_lookup(&$0, handle.pointer, &oid) }
        defer { git_blob_free(blob) }
        var options = git_blob_filter_options()
        options.version = GIT_BLOB_FILTER_OPTIONS_VERSION
        options.flags =
            GIT_BLOB_FILTER_NO_SYSTEM_ATTRIBUTES.rawValue | GIT_BLOB_FILTER_ATTRIBUTES_FROM_COMMIT.rawValue
        options.attr_commit_id = commit.oid
        var buffer = git_buf()
        let code = path.withCString { git_blob_filter(&buffer, blob, $0, &options) }
        defer { git_buf_dispose(&buffer) }
        try Libgit2.check(code, "convert `\(path)`")
        return Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }
}
