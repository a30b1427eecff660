internal import CLibgit2

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
}
