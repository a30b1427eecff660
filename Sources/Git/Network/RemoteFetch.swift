internal import CLibgit2
internal import Glibc
package import SystemPackage

/// Fetches refs into a bare repository: exactly those that the refspecs say, no tags besides, and takes away those of
/// their targets that the server no longer has.
package struct RemoteFetch {
    /// As `+refs/heads/*:refs/heads/*`.
    package var refspecs: [String]
    /// More objects than this end the fetch with `largeFetch`, before they are received; `nil` for no limit.
    package var objectLimit: UInt32?

    package init(refspecs: [String], objectLimit: UInt32? = nil) {
        self.refspecs = refspecs
        self.objectLimit = objectLimit
    }

    /// Blocks until all is there. Throws as `RemoteListing` does, and `largeFetch`.
    package func run(
        into path: FilePath,
        _ access: RemoteAccess,
        progress: @escaping (FetchProgress) -> Void = { _ in }
    ) throws(GitError) -> FetchProgress {
        let repository = try RepositoryHandle(opening: path)
        let session = RemoteSession(access, objectLimit: objectLimit, progress: progress)
        return try session.run { (callbacks) throws(GitError) in
            let connection = try RemoteConnection(session, repository: repository)
            try connection.connect(callbacks)
            defer { connection.disconnect() }
            return try fetch(over: connection, callbacks)
        }
    }

    private func fetch(
        over connection: RemoteConnection,
        _ callbacks: git_remote_callbacks
    ) throws(GitError) -> FetchProgress {
        var callbacks = callbacks
        var options = git_fetch_options()
        try connection.check(git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)))
        options.callbacks = callbacks
        options.proxy_opts.type = GIT_PROXY_AUTO
        options.follow_redirects = connection.redirects
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        try connection.check(withStrings(refspecs) { git_remote_download(connection.pointer, $0, &options) })
        // Before the new ones, as git does: a branch `a` must go before `a/b` can come.
        try connection.check(git_remote_prune(connection.pointer, &callbacks))
        let tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        try connection.check(git_remote_update_tips(connection.pointer, &callbacks, 0, tags, "fetch"))
        let statistics = git_remote_stats(connection.pointer)?.pointee
        return FetchProgress(
            received: Int(statistics?.received_objects ?? 0),
            total: Int(statistics?.total_objects ?? 0),
            bytes: Int(statistics?.received_bytes ?? 0)
        )
    }

    private func withStrings(_ texts: [String], _ body: (UnsafePointer<git_strarray>) -> Int32) -> Int32 {
        var pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            var array = git_strarray(strings: buffer.baseAddress, count: buffer.count)
            return body(&array)
        }
    }
}
