internal import CLibgit2
internal import Glibc
package import SystemPackage

/// Where the parts of a repository lie. All paths are absolute.
package struct RepositoryLocation: Sendable, Hashable {
    /// The `.git` directory; that of the worktree itself for a linked worktree.
    package let gitDirectory: FilePath
    /// What all worktrees share: refs, objects, configuration.
    package let commonDirectory: FilePath
    /// The checked-out files; `nil` for a bare repository.
    package let workDirectory: FilePath?
    /// The repository's own objects first, then those that it borrows, and what those borrow.
    package let objectDirectories: [FilePath]

    /// Finds the repository that a path is in, as git does from a working directory.
    package static func discover(from path: FilePath) throws(GitError) -> RepositoryLocation {
        Libgit2.start()
        var buffer = git_buf()
        let code = path.withPlatformString { git_repository_discover(&buffer, $0, 1, nil) }
        defer { git_buf_dispose(&buffer) }
        try Libgit2.check(code, "find a repository at \(path)")
        return try RepositoryLocation(opening: Self.path(buffer.ptr) ?? path)
    }

    /// Reads the location of the repository at exactly this path: a work directory or a git directory.
    package init(opening path: FilePath) throws(GitError) { try self.init(RepositoryHandle(opening: path)) }

    init(_ handle: RepositoryHandle) throws(GitError) {
        guard let git = Self.path(git_repository_path(handle.pointer)),
            let common = Self.path(git_repository_commondir(handle.pointer))
        else { throw GitError(.other, "locate the repository", "it has no directory") }
        gitDirectory = git
        commonDirectory = common
        workDirectory = Self.path(git_repository_workdir(handle.pointer))
        objectDirectories = Alternates.closure(of: common.appending("objects"))
    }

    /// The path that opens it with its work directory, where it has one.
    var opening: FilePath { workDirectory ?? gitDirectory }

    private static func path(_ text: UnsafePointer<CChar>?) -> FilePath? {
        guard let text else { return nil }
        return FilePath(platformString: text)
    }
}

/// The `objects/info/alternates` files, by which a repository borrows the objects of others.
enum Alternates {
    /// A directory of objects and all that it borrows from, without repeats.
    static func closure(of objects: FilePath) -> [FilePath] {
        var found: [FilePath] = []
        var waiting = [objects.lexicallyNormalized()]
        while !waiting.isEmpty {
            let next = waiting.removeFirst()
            guard !found.contains(next) else { continue }
            found.append(next)
            waiting += read(next)
        }
        return found
    }

    /// The directories that one file lists, made absolute. A file that is not there lists none.
    static func read(_ objects: FilePath) -> [FilePath] {
        // Unreadable is as good as absent: what it would have lent is then missing, and is named when it is.
        guard let bytes = try? FileBytes.read(file(of: objects)) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line -> FilePath? in
            guard line.first != UInt8(ascii: "#") else { return nil }
            let path = FilePath(bytes: Array(line))
            return (path.isAbsolute ? path : objects.pushing(path)).lexicallyNormalized()
        }
    }

    static func file(of objects: FilePath) -> FilePath { objects.appending("info").appending("alternates") }
}
