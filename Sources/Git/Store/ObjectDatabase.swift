internal import CLibgit2
internal import SystemPackage

/// Puts object databases together by hand, so that borrowed objects are only ever read.
///
/// When libgit2 is asked to write an object that is there already, it gives its file a fresh time, borrowed or not.
/// That would be a write in a repository that is not ours, so borrowed backends lose their means to do it.
enum ObjectDatabase {
    // As libgit2's own defaults: packs before loose objects, ours before borrowed ones.
    private static let packPriority: Int32 = 2
    private static let loosePriority: Int32 = 1

    /// Makes the repository write to `own` and read from it and all of `borrowed`.
    static func attach(
        own: FilePath,
        borrowed: [FilePath],
        to repository: RepositoryHandle
    ) throws(GitError) {
        let odb = try Libgit2.obtain("open the object database") { git_odb_new(&$0) }
        defer { git_odb_free(odb) }
        for (backend, priority) in try backends(of: own) {
            try add(backend, "use \(own)") { git_odb_add_backend(odb, $0, priority) }
        }
        repository.objectDirectories = [own]
        try borrow(borrowed, for: repository, into: odb)
        try Libgit2.check(git_repository_set_odb(repository.pointer, odb), "use \(own)")
    }

    /// Lets an open repository read from further directories.
    static func borrow(_ directories: [FilePath], for repository: RepositoryHandle) throws(GitError) {
        try repository.withObjects { (odb) throws(GitError) in
            try borrow(directories, for: repository, into: odb)
        }
    }

    private static func borrow(
        _ directories: [FilePath],
        for repository: RepositoryHandle,
        into odb: OpaquePointer
    ) throws(GitError) {
        for directory in directories where repository.objectDirectories.insert(directory).inserted {
            try borrow(directory, into: odb)
        }
    }

    private static func borrow(_ directory: FilePath, into odb: OpaquePointer) throws(GitError) {
        for (backend, priority) in try backends(of: directory) {
            backend.pointee.freshen = nil
            backend.pointee.write = nil
            backend.pointee.writestream = nil
            backend.pointee.writepack = nil
            try add(backend, "borrow \(directory)") { git_odb_add_alternate(odb, $0, priority) }
        }
    }

    private typealias Backend = UnsafeMutablePointer<git_odb_backend>

    private static func backends(of directory: FilePath) throws(GitError) -> [(Backend, Int32)] {
        var loose: Backend?
        var packed: Backend?
        try Libgit2.check(
            directory.withPlatformString { git_odb_backend_loose(&loose, $0, -1, 0, 0, 0) },
            "open \(directory)"
        )
        try Libgit2.check(directory.withPlatformString { git_odb_backend_pack(&packed, $0) }, "open \(directory)")
        return [(packed, packPriority), (loose, loosePriority)].compactMap { backend, priority in
            backend.map { ($0, priority) }
        }
    }

    private static func add(
        _ backend: Backend,
        _ operation: String,
        _ call: (Backend) -> Int32
    ) throws(GitError) {
        let code = call(backend)
        // The database owns the backend only once it has taken it.
        if code < 0 { backend.pointee.free(backend) }
        try Libgit2.check(code, operation)
    }
}
