import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage

/// Artifacts that nobody uses lie compressed, and are not laid out. Whoever wants one again warms its files up.
///
///     blobs/ab/abcd…[x].zst    one file's bytes, compressed; beside the plain file only while one becomes the other
extension ArtifactStore {
    /// Where compression saves less than a tenth of a file, it stays as it is.
    private static let leastGain = 0.9

    /// Compresses the files of an artifact that no `warm` one names, too, and takes away its laid-out tree. Does nothing
    /// where somebody uses the artifact meanwhile. Returns what the disk got back, in bytes.
    func chill(_ artifact: Kept, unusedSince time: Date, warm: Set<FilePath>) throws -> Int64 {
        try FileSystem.makeDirectories(root.appending("cold"))
        try FileSystem.write([UInt8](), to: coldPath(artifact.digest))
        let plain = artifact.blobs.keys.filter { !warm.contains($0) && FileSystem.exists($0) }
        var cold: [FilePath] = []
        for path in plain where try compress(path) { cold.append(path) }
        guard !cold.isEmpty else { return 0 }
        // Who lays an artifact out holds this, shared.
        guard let hold = CacheHold.alone(blobs), EvictionInventory.time(artifact.path) <= time else { return 0 }
        defer { withExtendedLifetime(hold) {} }
        let tree = root.appending("trees").appending(artifact.digest.description)
        if FileSystem.exists(tree) {
            let aside = root.appending("trees").appending(".\(UniqueName.make())")
            try FileSystem.rename(tree, to: aside)
            try TreeRemoval.remove(aside)
        }
        var gain: Int64 = 0
        for path in cold {
            gain += Self.size(path) - Self.size(Self.compressed(path))
            unlink(path.cString)
        }
        return gain
    }

    /// Whether it was gone through since it was used last: what could not be made smaller then cannot now.
    func isChilled(_ digest: Digest, usedAt: Date) -> Bool { EvictionInventory.time(coldPath(digest)) > usedAt }

    /// Its time says when an artifact was gone through.
    func coldPath(_ digest: Digest) -> FilePath { root.appending("cold").appending(digest.description) }

    /// Puts the plain file beside the compressed one, every byte checked. False where there is no such file, or where it is
    /// damaged, which is set aside.
    func warm(_ digest: Digest, executable: Bool) throws -> Bool {
        let path = blobPath(digest, executable: executable)
        let source = open(Self.compressed(path).cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if source < 0, errno == ENOENT { return false }
        guard source >= 0 else { throw SystemFailure("open", path) }
        defer { close(source) }
        let aside = path.removingLastComponent().appending(".\(UniqueName.make())")
        let target = try checked("create", aside) {
            open(aside.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, executable ? 0o555 : 0o444)
        }
        defer { close(target) }
        do {
            if try Zstandard.expand(source, to: target, name: path).digest == digest {
                try FileSystem.rename(aside, to: path)
                unlink(Self.compressed(path).cString)
                return true
            }
        } catch let error as SystemFailure where error.errno.rawValue != EBADMSG {
            unlink(aside.cString)
            throw error
        } catch {
            // No zstd any more, or cut off: told like other bytes, below.
        }
        unlink(aside.cString)
        try FileSystem.makeDirectories(root.appending("damaged"))
        let name = root.appending("damaged").appending("\(digest)-\(UniqueName.make()).zst")
        try FileSystem.rename(Self.compressed(path), to: name)
        return false
    }

    static func compressed(_ path: FilePath) -> FilePath { FilePath("\(path.string).zst") }

    private var blobs: FilePath { root.appending("blobs") }

    /// Held while an artifact is laid out, so that its files do not go from under it. `nil` where there are none yet.
    func holdBlobs() -> CacheHold? { CacheHold.share(blobs) }

    /// Whether a compressed form is there now, whole and on the disk. It appears by rename.
    private func compress(_ path: FilePath) throws -> Bool {
        let source = try checked("open", path) { open(path.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(source) }
        let aside = path.removingLastComponent().appending(".\(UniqueName.make())")
        let target = try checked("create", aside) {
            open(aside.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
        }
        defer { close(target) }
        do {
            _ = try Zstandard.compress(source, to: target, name: path)
            try checked("write", aside) { fsync(target) }
            let isWorthIt = Double(Self.size(aside)) < Double(Self.size(path)) * Self.leastGain
            if isWorthIt { try FileSystem.rename(aside, to: Self.compressed(path)) } else { unlink(aside.cString) }
            return isWorthIt
        } catch {
            unlink(aside.cString)
            throw error
        }
    }

    /// Whether the compressed form of a file has these very bytes.
    func holdsCompressed(_ path: FilePath, _ digest: Digest) throws -> Bool {
        let source = try checked("open", path) {
            open(Self.compressed(path).cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        }
        defer { close(source) }
        let nowhere = try checked("open", path) { open("/dev/null", O_WRONLY | O_CLOEXEC) }
        defer { close(nowhere) }
        // What is no zstd any more is not it.
        return (try? Zstandard.expand(source, to: nowhere, name: path))?.digest == digest
    }

    private static func size(_ path: FilePath) -> Int64 {
        var status = stat()
        return lstat(path.cString, &status) == 0 ? Int64(status.st_size) : 0
    }
}
