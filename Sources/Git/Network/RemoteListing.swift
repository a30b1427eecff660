internal import CLibgit2

/// Asks a server for its refs, without a local repository.
package enum RemoteListing {
    /// Blocks until the server has answered, without a limit. Throws `authentication`, `untrusted`, `unreachable`,
    /// `unsupported` (libgit2 cannot speak with this server) or what else there is.
    package static func read(_ access: RemoteAccess) throws(GitError) -> RefListing {
        let session = RemoteSession(access)
        return try session.run { (callbacks) throws(GitError) in
            let connection = try RemoteConnection(session)
            try connection.connect(callbacks)
            defer { connection.disconnect() }
            return try connection.listing()
        }
    }
}
