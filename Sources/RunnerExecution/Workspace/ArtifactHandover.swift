import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// The artifacts that a stage takes from the stages that it needs, each name as one directory.
struct ArtifactHandover {
    let store: ArtifactStore
    /// Where artifacts of one name from several stages are laid over one another.
    let merged: FilePath

    /// The directory of each name, every file verified. Cells of a matrix, or stages, that give the same name give one
    /// directory together; a file that two of them have with different content is an error.
    func directories(of taken: [TakenArtifact]) throws -> [String: FilePath] {
        var directories: [String: FilePath] = [:]
        for (name, sources) in Dictionary(grouping: taken, by: \.reference.name) {
            let distinct = sources.reduce(into: [TakenArtifact]()) { distinct, source in
                if !distinct.contains(where: { $0.reference.digest == source.reference.digest }) {
                    distinct.append(source)
                }
            }
            if distinct.count == 1 {
                directories[name] = try store.materialize(distinct[0].reference)
            } else {
                let target = merged.appending(name)
                try TreeRemoval.remove(target)
                try FileSystem.makeDirectories(target)
                var owners: [[UInt8]: StageID] = [:]
                for source in distinct { try add(source, to: target, &owners) }
                directories[name] = target
            }
        }
        return directories
    }

    private func add(_ source: TakenArtifact, to target: FilePath, _ owners: inout [[UInt8]: StageID]) throws {
        let tree = try store.materialize(source.reference)
        try DirectoryWalk.visit(tree) { entry in
            guard entry.kind != .directory else { return true }
            if let owner = owners[entry.name], try !isSame(entry, in: tree, and: target) {
                throw RunnerError(
                    .input,
                    "cannot hand on artifact `\(source.reference.name)`",
                    why: "`\(owner)` and `\(source.stage)` both have "
                        + "`\(String(decoding: entry.name, as: UTF8.self))` in it, and they differ",
                    hint: "give the files or the artifacts different names, as with `${{ matrix.NAME }}` in a directory"
                )
            }
            owners[entry.name] = source.stage
            return false
        }
        try FileCopy.overlay(tree, onto: target)
    }

    /// Files are the same when their bytes and their execute bits are, links when they point to the same.
    private func isSame(_ entry: DirectoryEntry, in tree: FilePath, and other: FilePath) throws -> Bool {
        let (left, right) = (entry.path(below: tree), entry.path(below: other))
        if entry.kind == .link { return target(of: left) == target(of: right) }
        var (one, two) = (stat(), stat())
        guard lstat(left.cString, &one) == 0, lstat(right.cString, &two) == 0 else { return false }
        guard one.st_mode & S_IFMT == two.st_mode & S_IFMT, one.st_mode & 0o111 == two.st_mode & 0o111 else {
            return false
        }
        return try digest(left) == digest(right)
    }

    /// `nil` for what is no link.
    private func target(of link: FilePath) -> [CChar]? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(link.cString, &buffer, buffer.count)
        return length < 0 ? nil : Array(buffer.prefix(length))
    }

    private func digest(_ path: FilePath) throws -> Digest {
        let fd = try checked("open", path) { open(path.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(fd) }
        return try DigestStream.read(fd, name: path).digest
    }
}
