internal import CLibgit2
internal import Glibc
internal import SystemPackage

/// An open repository of libgit2. Not sendable: one actor or one thread at a time uses it.
final class RepositoryHandle {
    let pointer: OpaquePointer
    /// Which directories it reads objects from, where `ObjectDatabase` put that together.
    var objectDirectories: Set<FilePath> = []

    /// Opens exactly this repository, work tree or git directory; nothing above it is searched.
    /// - Parameter withoutWorkTree: opens a git directory even though the work tree that it names is gone.
    init(opening path: FilePath, withoutWorkTree: Bool = false) throws(GitError) {
        Libgit2.start()
        var pointer: OpaquePointer?
        let flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | (withoutWorkTree ? GIT_REPOSITORY_OPEN_BARE.rawValue : 0)
        let code = path.withPlatformString { git_repository_open_ext(&pointer, $0, flags, nil) }
        do throws(GitError) {
            try Libgit2.check(code, "open repository \(path)")
        } catch {
            throw OpenFailure.explain(error, path)
        }
        guard let pointer else { throw GitError(.other, "open repository \(path)", "libgit2 handed out nothing") }
        self.pointer = pointer
    }

    deinit { git_repository_free(pointer) }

    /// Creates a bare repository, or opens the one that is there.
    static func createBare(at path: FilePath) throws(GitError) -> RepositoryHandle {
        Libgit2.start()
        let fresh = try Libgit2.obtain("create repository \(path)") { out in
            path.withPlatformString { git_repository_init(&out, $0, 1) }
        }
        git_repository_free(fresh)
        return try RepositoryHandle(opening: path)
    }

    /// The object database, for as long as the body runs.
    func withObjects<Result>(
        _ body: (OpaquePointer) throws(GitError) -> Result
    ) throws(GitError) -> Result {
        let odb = try Libgit2.obtain("open the object database") { git_repository_odb(&$0, pointer) }
        defer { git_odb_free(odb) }
        return try body(odb)
    }

    /// A value of the configuration, of any level; `nil` when it is not set.
    func configuration(_ key: String) -> String? {
        var config: OpaquePointer?
        guard git_repository_config_snapshot(&config, pointer) == 0 else { return nil }
        defer { git_config_free(config) }
        var value: UnsafePointer<CChar>?
        guard git_config_get_string(&value, config, key) == 0, let value else { return nil }
        return String(cString: value)
    }

    /// A path of the configuration, with `~` made absolute.
    func configurationPath(_ key: String) -> FilePath? {
        var config: OpaquePointer?
        guard git_repository_config_snapshot(&config, pointer) == 0 else { return nil }
        defer { git_config_free(config) }
        var buffer = git_buf()
        guard git_config_get_path(&buffer, config, key) == 0 else { return nil }
        defer { git_buf_dispose(&buffer) }
        return buffer.ptr.map { FilePath(platformString: $0) }
    }

    func configurationFlag(_ key: String, default fallback: Bool) -> Bool {
        var config: OpaquePointer?
        guard git_repository_config_snapshot(&config, pointer) == 0 else { return fallback }
        defer { git_config_free(config) }
        var value: Int32 = 0
        return git_config_get_bool(&value, config, key) == 0 ? value != 0 : fallback
    }
}

/// Finds out why a repository does not open, since the codes of libgit2 1.5 do not tell.
private enum OpenFailure {
    static func explain(_ error: GitError, _ path: FilePath) -> GitError {
        let dotGit = path.appending(".git")
        let known = isThere(dotGit) ? dotGit : path
        guard isThere(known) else { return GitError(.notFound, error.operation, "there is no such directory") }
        if let owner = foreignOwner(of: [path, dotGit]) {
            return GitError(
                .notOwned,
                error.operation,
                "it belongs to user \(owner), and git's `safe.directory` does not list it",
                hint: "git config --global --add safe.directory \(path)"
            )
        }
        if let format = objectFormat(in: known), format != "sha1" {
            return GitError(.unsupported, error.operation, "its object format is `\(format)`; we know `sha1`")
        }
        return error
    }

    private static func isThere(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0
    }

    private static func foreignOwner(of paths: [FilePath]) -> UInt32? {
        for path in paths {
            var status = stat()
            if path.withPlatformString({ stat($0, &status) }) == 0, status.st_uid != geteuid() { return status.st_uid }
        }
        return nil
    }

    private static func objectFormat(in gitDirectory: FilePath) -> String? {
        var config: OpaquePointer?
        let path = gitDirectory.appending("config")
        guard path.withPlatformString({ git_config_open_ondisk(&config, $0) }) == 0 else { return nil }
        defer { git_config_free(config) }
        var buffer = git_buf()
        guard git_config_get_string_buf(&buffer, config, "extensions.objectformat") == 0 else { return nil }
        defer { git_buf_dispose(&buffer) }
        return buffer.ptr.map { String(cString: $0) }
    }
}
