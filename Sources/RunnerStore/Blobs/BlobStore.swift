import Glibc
package import SystemPackage

/// Files by the SHA-256 of their bytes, compressed: what is kept to be read again, not to be mounted.
///
///     ab/abcd….zst    one file's bytes; appears by rename, never changes, its time says when it was used
///     damaged/        files whose bytes are no longer what their names say, for people to look at
package struct BlobStore: Sendable {
    package let root: FilePath

    package init(_ root: FilePath) { self.root = root }

    package func contains(_ digest: Digest) -> Bool { FileSystem.exists(path(digest)) }

    /// Keeps what a file holds now. Many may keep the same at once. One that is not `durable` may be damaged by a power cut,
    /// which whoever reads it is told.
    package func put(_ file: FilePath, durable: Bool = false) throws -> (digest: Digest, bytes: Int64) {
        let source = try checked("open", file) { open(file.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(source) }
        try FileSystem.makeDirectories(root)
        let aside = root.appending(".\(UniqueName.make())")
        let target = try checked("create", aside) {
            open(aside.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
        }
        defer { close(target) }
        do {
            let kept = try Zstandard.compress(source, to: target, name: file)
            if durable { try checked("write", aside) { fsync(target) } }
            try FileSystem.makeDirectories(path(kept.digest).removingLastComponent())
            try FileSystem.rename(aside, to: path(kept.digest))
            return kept
        } catch {
            unlink(aside.cString)
            throw error
        }
    }

    /// Writes the bytes to a file that must not exist yet, every one checked. False, and no file, where they are not kept;
    /// what was damaged is set aside, so that whoever has it can put it again.
    package func get(_ digest: Digest, to file: FilePath) throws -> Bool {
        let source = open(path(digest).cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if source < 0, errno == ENOENT { return false }
        guard source >= 0 else { throw SystemFailure("open", path(digest)) }
        defer { close(source) }
        let target = try checked("create", file) {
            open(file.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        }
        defer { close(target) }
        do {
            if try Zstandard.expand(source, to: target, name: path(digest)).digest == digest {
                FileSystem.touch(path(digest))
                return true
            }
        } catch let error as SystemFailure where error.errno.rawValue != EBADMSG {
            unlink(file.cString)
            throw error
        } catch {
            // Told by its words below: no zstd any more, or cut off.
        }
        unlink(file.cString)
        try setAside(digest)
        return false
    }

    /// A name for a file on its way into the store, that nobody takes for a blob.
    func aside() throws -> FilePath {
        try FileSystem.makeDirectories(root)
        return root.appending(".\(UniqueName.make())")
    }

    private func setAside(_ digest: Digest) throws {
        let damaged = root.appending("damaged")
        try FileSystem.makeDirectories(damaged)
        let name = damaged.appending("\(digest)-\(UniqueName.make())")
        // Somebody else may have set it aside just now.
        if rename(path(digest).cString, name.cString) != 0, errno != ENOENT { throw SystemFailure("set aside", name) }
    }

    package func path(_ digest: Digest) -> FilePath {
        root.appending(String(digest.description.prefix(2))).appending("\(digest).zst")
    }

    /// Files that no record names and nobody has used for that long; none where `named` is not known.
    func unnamed(but named: Set<Digest>?, unusedFor age: Duration) -> [FilePath] {
        guard let named else { return [] }
        let now = Glibc.time(nil)
        return FileSystem.names(in: root).filter { $0.utf8.count == 2 }.flatMap { part in
            FileSystem.names(in: root.appending(part)).compactMap { name -> FilePath? in
                let file = root.appending(part).appending(name)
                var status = stat()
                guard name.hasSuffix(".zst"), let digest = Digest(String(name.dropLast(4))), !named.contains(digest),
                    lstat(file.cString, &status) == 0, .seconds(now - status.st_mtim.tv_sec) > age
                else { return nil }
                return file
            }
        }
    }

    /// What it takes on the disk; 0 where it is not there.
    func size(of digest: Digest) -> Int64 {
        var status = stat()
        return lstat(path(digest).cString, &status) == 0 ? Int64(status.st_size) : 0
    }
}
