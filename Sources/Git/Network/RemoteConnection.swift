internal import CLibgit2
internal import SystemPackage

/// A remote of libgit2, with a repository or without. It blocks for as long as the server likes: only a process that can
/// be killed may use it.
final class RemoteConnection {
    let pointer: OpaquePointer
    private let session: RemoteSession

    /// Without a repository it can only list.
    init(_ session: RemoteSession, repository: RepositoryHandle? = nil) throws(GitError) {
        Libgit2.start()
        self.session = session
        pointer = try Libgit2.obtain(session.operation) { out in
            guard let repository else { return git_remote_create_detached(&out, session.access.url) }
            return git_remote_create_anonymous(&out, repository.pointer, session.access.url)
        }
    }

    deinit { git_remote_free(pointer) }

    func connect(_ callbacks: git_remote_callbacks) throws(GitError) {
        var options = git_remote_connect_options()
        let version = UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION)
        try check(git_remote_connect_options_init(&options, version))
        options.callbacks = callbacks
        options.proxy_opts.type = GIT_PROXY_AUTO
        options.follow_redirects = redirects
        try check(git_remote_connect_ext(pointer, GIT_DIRECTION_FETCH, &options))
    }

    func disconnect() { git_remote_disconnect(pointer) }

    func listing() throws(GitError) -> RefListing {
        var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try check(git_remote_ls(&heads, &count, pointer))
        var listing = RefListing()
        for index in 0..<count {
            guard let head = heads?[index]?.pointee, let name = head.name else { continue }
            listing.add(name: Array(cString: name), object: ObjectID(head.oid))
        }
        return listing
    }

    /// A token must not follow a redirect to another host.
    var redirects: git_remote_redirect_t {
        session.access.secret == nil ? GIT_REMOTE_REDIRECT_INITIAL : GIT_REMOTE_REDIRECT_NONE
    }

    /// As `Libgit2.check`, with the kinds of errors that only a network has.
    func check(_ code: Int32) throws(GitError) {
        guard code < 0 else { return }
        let error = git_error_last()?.pointee
        let message = error?.message.map { String(cString: $0) } ?? "libgit2 answered \(code)"
        throw GitError(Self.kind(code, class: error?.klass ?? 0), session.operation, message)
    }

    private static func kind(_ code: Int32, class number: Int32) -> GitError.Code {
        switch code {
        case GIT_EAUTH.rawValue: return .authentication
        case GIT_ECERTIFICATE.rawValue: return .untrusted
        case GIT_ENOTFOUND.rawValue: return .notFound
        default: break
        }
        switch UInt32(bitPattern: number) {
        case GIT_ERROR_NET.rawValue, GIT_ERROR_OS.rawValue, GIT_ERROR_SSL.rawValue, GIT_ERROR_SSH.rawValue:
            return .unreachable
        case GIT_ERROR_HTTP.rawValue: return .other
        case GIT_ERROR_REFERENCE.rawValue, GIT_ERROR_ODB.rawValue, GIT_ERROR_ZLIB.rawValue: return .other
        default: return .unsupported
        }
    }
}
