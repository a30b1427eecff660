internal import CLibgit2
internal import Glibc

/// The one door to libgit2: starting it, and turning its return codes into errors.
enum Libgit2 {
    /// Extensions of the repository format that change nothing for who only reads objects, refs and the index.
    /// Without this list libgit2 refuses, for one, every repository that ever had a sparse checkout.
    private static let harmlessExtensions: [StaticString] = ["worktreeconfig", "preciousobjects", "relativeworktrees"]

    /// Lazily and once per process. The three options are global to it.
    private static let started: Void = {
        git_libgit2_init()
        // Blobs are read in bulk; git itself does not hash again what it reads, and zlib's checksum still finds rot.
        _ = runner_git_set_option(Int32(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION.rawValue), 0)
        // Trees are only built from ids that were read from a repository; the check costs one look-up per entry.
        _ = runner_git_set_option(Int32(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION.rawValue), 0)
        var names = harmlessExtensions.map { name -> UnsafePointer<CChar>? in
            UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        }
        _ = runner_git_allow_extensions(&names, names.count)
    }()

    static func start() { _ = started }

    /// Throws for a negative code. Must run on the thread of the call, as libgit2 keeps its message per thread.
    static func check(_ code: Int32, _ operation: @autoclosure () -> String) throws(GitError) {
        guard code < 0 else { return }
        let message = git_error_last().flatMap { $0.pointee.message }.map { String(cString: $0) }
        throw GitError(GitError.Code(libgit2: code), operation(), message ?? "libgit2 answered \(code)")
    }

    /// Runs a call that hands out a pointer.
    static func obtain(
        _ operation: @autoclosure () -> String,
        _ body: (inout OpaquePointer?) -> Int32
    ) throws(GitError) -> OpaquePointer {
        var pointer: OpaquePointer?
        let code = body(&pointer)
        try check(code, operation())
        guard let pointer else { throw GitError(.other, operation(), "libgit2 handed out nothing") }
        return pointer
    }

    /// The error of the last system call on this thread.
    static func systemError(_ operation: String, _ number: Int32 = errno) -> GitError {
        let code: GitError.Code =
            switch number {
            case ENOENT: .notFound
            case EEXIST, ENOTEMPTY: .exists
            case ENOSPC, EDQUOT, EROFS, EIO: .diskRefuses
            default: .other
            }
        return GitError(code, operation, String(cString: strerror(number)))
    }
}

extension GitError.Code {
    init(libgit2 code: Int32) {
        self =
            switch code {
            case GIT_ENOTFOUND.rawValue: .notFound
            case GIT_EEXISTS.rawValue: .exists
            case GIT_EUNBORNBRANCH.rawValue: .unbornBranch
            case GIT_EOWNER.rawValue: .notOwned
            default: .other
            }
    }
}
