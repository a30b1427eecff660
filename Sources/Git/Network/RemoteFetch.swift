internal import CLibgit2
internal import Glibc
package import SystemPackage

/// Brings objects and refs of a remote into a bare repository of ours, by libgit2.
package enum RemoteFetch {
    /// Fetches exactly the refspecs: no tags beside them, and nothing of `url.*.insteadOf`. Blocks for as long as the
    /// remote likes: only for a process that can be killed.
    /// - Parameters:
    ///   - prune: whether refs go that the remote no longer has.
    ///   - objectLimit: throws `.tooManyObjects` where the remote announces more.
    ///   - onProgress: called whenever something came.
    package static func fetch(
        url: String,
        into path: FilePath,
        refspecs: [String],
        access: RemoteAccess,
        prune: Bool = false,
        objectLimit: Int? = nil,
        onProgress: @escaping () -> Void = {}
    ) throws(GitError) {
        let operation = "fetch \(url)"
        let repository = try RepositoryHandle(opening: path)
        let remote = try Libgit2.obtain(operation) { out in
            var options = git_remote_create_options()
            git_remote_create_options_init(&options, UInt32(GIT_REMOTE_CREATE_OPTIONS_VERSION))
            options.repository = repository.pointer
            options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF.rawValue
            return git_remote_create_with_opts(&out, url, &options)
        }
        defer { git_remote_free(remote) }
        let conversation = RemoteConversation(
            operation,
            url: url,
            access: access,
            objectLimit: objectLimit,
            onProgress: onProgress
        )
        try conversation.check {
            var options = git_fetch_options()
            git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION))
            conversation.fill(&options.callbacks)
            options.proxy_opts.type = GIT_PROXY_AUTO
            options.follow_redirects = conversation.redirects
            options.prune = prune ? GIT_FETCH_PRUNE : GIT_FETCH_NO_PRUNE
            options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
            options.update_fetchhead = 0
            return withStrings(refspecs) { git_remote_fetch(remote, $0, &options, "fetch") }
        }
        withExtendedLifetime(repository) {}
    }

    private static func withStrings(_ texts: [String], _ body: (UnsafePointer<git_strarray>) -> Int32) -> Int32 {
        var pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            var array = git_strarray(strings: buffer.baseAddress, count: buffer.count)
            return body(&array)
        }
    }
}
