import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// The files of a working directory that `lint` reads: those that the next commit would have, straight from the disk.
struct LintSources {
    /// The top of the repository; without git, the nearest directory upwards that has `pipelines/`.
    let root: FilePath
    /// Every YAML file below `pipelines/`, by its path from the root.
    private(set) var files: [String: [UInt8]] = [:]
    /// What could not be read, and why.
    private(set) var problems: [Diagnostic] = []

    static let configuration = "runner-config/runner.yml"
    static let environments = "runner-config/environments"
    /// More is not read: the syntax takes half of it.
    private static let sizeLimit = 2 << 20
    /// Deeper folders are not looked into.
    private static let depthLimit = 16

    init(around directory: FilePath) {
        root = Self.root(around: directory)
        list(PipelineLoader.directory.description, depth: 0)
    }

    /// The contents of one file, or what is wrong with it, under the name that people know it by.
    static func read(_ path: FilePath, named name: String) -> Result<[UInt8], DiagnosticsError> {
        func failure(_ message: String, _ hint: String? = nil) -> Result<[UInt8], DiagnosticsError> {
            let location = SourceLocation(file: name, line: 1, column: 1)
            return .failure(DiagnosticsError([Diagnostic(.error, at: location, message, hint: hint)]))
        }
        do throws(SystemFailure) {
            guard let data = try FileSystem.read(path, limit: sizeLimit) else {
                return failure("there is no such file")
            }
            return .success(Array(data))
        } catch {
            if error.errno.rawValue == EFBIG {
                return failure("the file has more than 2 MiB; at most 1 MiB is read", "split it with `include`")
            }
            if error.errno.rawValue == EINVAL { return failure("this is not a plain file") }
            return failure("cannot read the file: \(error.errno)")
        }
    }

    private mutating func list(_ folder: String, depth: Int) {
        for name in FileSystem.names(in: root.pushing(FilePath(folder))) {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(root.pushing(FilePath(path)).string, &status) == 0 else { continue }
            let kind = status.st_mode & S_IFMT
            if kind == S_IFDIR {
                if depth < Self.depthLimit { list(path, depth: depth + 1) }
            } else if PipelineLoader.isReadable(path) {
                take(path, isLink: kind == S_IFLNK)
            }
        }
    }

    private mutating func take(_ path: String, isLink: Bool) {
        if isLink {
            // A git tree has the link, not what it points to.
            let location = SourceLocation(file: path, line: 1, column: 1)
            problems.append(
                Diagnostic(
                    .warning,
                    at: location,
                    "this is a link, which is never read",
                    hint: "commit the file itself"
                )
            )
            return
        }
        switch Self.read(root.pushing(FilePath(path)), named: path) {
        case .success(let bytes): files[path] = bytes
        case .failure(let error): problems += error.diagnostics
        }
    }

    private static func root(around directory: FilePath) -> FilePath {
        // `try?`: without git there is still a directory to look at.
        if let location = try? RepositoryLocation.discover(from: directory), let root = location.workDirectory {
            return root
        }
        var current = directory
        while current.lastComponent != nil {
            if FileSystem.isDirectory(current.appending("pipelines")) { return current }
            current = current.removingLastComponent()
        }
        return directory
    }
}
