internal import CLibgit2
internal import Glibc

/// The libgit2 that this process runs with.
package enum GitLibrary {
    /// As `1.9.0`.
    package static var version: String {
        var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
        git_libgit2_version(&major, &minor, &revision)
        return "\(major).\(minor).\(revision)"
    }

    /// What it was built with: of `threads`, `https` and `ssh` those that it has.
    package static var features: [String] {
        let known = [("threads", GIT_FEATURE_THREADS), ("https", GIT_FEATURE_HTTPS), ("ssh", GIT_FEATURE_SSH)]
        let has = UInt32(bitPattern: git_libgit2_features())
        return known.filter { has & UInt32($0.1.rawValue) != 0 }.map(\.0)
    }

    /// Makes the whole process read no settings but those of repositories, and believe the certificates that
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` name, where they are set. For a process that only speaks with servers.
    package static func isolate() throws(GitError) {
        Libgit2.start()
        let levels = [
            GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
        ]
        for level in levels {
            try Libgit2.check(runner_git_set_search_path(level.rawValue, ""), "leave out the user's settings")
        }
        let (file, directory) = (getenv("SSL_CERT_FILE"), getenv("SSL_CERT_DIR"))
        guard file != nil || directory != nil else { return }
        try Libgit2.check(runner_git_set_certificates(file, directory), "read the certificates of SSL_CERT_FILE")
    }
}
