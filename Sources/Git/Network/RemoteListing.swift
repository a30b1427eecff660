internal import CLibgit2

/// A ref as a remote shows it.
package struct RemoteRef: Sendable, Hashable {
    package var name: String
    package var object: ObjectID
    /// For an annotated tag, what it is put on.
    package var peeled: ObjectID?

    package init(name: String, object: ObjectID, peeled: ObjectID? = nil) {
        self.name = name
        self.object = object
        self.peeled = peeled
    }
}

/// All that a remote shows of its refs. Names that are not valid UTF-8 are left out.
package struct RemoteListing: Sendable, Hashable {
    package private(set) var refs: [RemoteRef] = []
    /// The full name of the branch that `HEAD` names, where the remote says so.
    package var defaultBranch: String?

    package init() {}

    /// Takes in a ref in the order of the protocol, where `NAME^{}` follows the tag `NAME`.
    package mutating func add(_ name: String, _ object: ObjectID) {
        guard name.hasSuffix("^{}") else { return refs.append(RemoteRef(name: name, object: object)) }
        guard let last = refs.indices.last, refs[last].name == name.dropLast(3) else { return }
        refs[last].peeled = object
    }

    /// Asks a remote, by libgit2. Blocks for as long as the remote likes: only for a process that can be killed.
    package static func list(url: String, access: RemoteAccess) throws(GitError) -> RemoteListing {
        Libgit2.start()
        let operation = "list the refs of \(url)"
        let remote = try Libgit2.obtain(operation) { git_remote_create_detached(&$0, url) }
        defer { git_remote_free(remote) }
        let conversation = RemoteConversation(operation, url: url, access: access)
        try conversation.check {
            var options = git_remote_connect_options()
            git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION))
            conversation.fill(&options.callbacks)
            options.proxy_opts.type = GIT_PROXY_AUTO
            options.follow_redirects = conversation.redirects
            return git_remote_connect_ext(remote, GIT_DIRECTION_FETCH, &options)
        }
        defer { git_remote_disconnect(remote) }
        var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try conversation.check { git_remote_ls(&heads, &count, remote) }
        return RemoteListing(UnsafeBufferPointer(start: heads, count: count))
    }

    private init(_ heads: UnsafeBufferPointer<UnsafePointer<git_remote_head>?>) {
        for head in heads.lazy.compactMap({ $0?.pointee }) {
            guard let text = head.name, let name = String(validatingCString: text) else { continue }
            if name == "HEAD", let target = head.symref_target { defaultBranch = String(validatingCString: target) }
            add(name, ObjectID(head.oid))
        }
    }
}
