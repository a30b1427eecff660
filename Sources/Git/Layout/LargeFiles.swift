internal import SystemPackage

/// The text that stands for a file in LFS, after the specification at github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
struct LargeFilePointer {
    /// The SHA-256 of the content, 64 hexadecimal digits.
    let digest: String
    let size: Int

    /// A blob of this size or more is none.
    static let longest = 1024

    /// `nil` for what is no pointer, which LFS leaves as it is.
    init?(_ bytes: [UInt8]) {
        guard bytes.count < Self.longest else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let version = lines.first, version.hasPrefix("version https://"), version.hasSuffix("/spec/v1") else {
            return nil
        }
        var values: [Substring: Substring] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let oid = values["oid"], oid.hasPrefix("sha256:"), let size = values["size"].flatMap({ Int($0) }) else {
            return nil
        }
        let digest = oid.dropFirst("sha256:".count)
        guard digest.utf8.count == 64, digest.allSatisfy({ $0.isHexDigit && $0.isASCII }), size >= 0 else { return nil }
        self.digest = String(digest)
        self.size = size
    }
}

/// The directories that hold the content of LFS files.
struct LargeFileSource: Sendable {
    let directories: [FilePath]

    /// The file with the content that a pointer stands for; `nil` when the blob is no pointer.
    func file(for blob: [UInt8], _ path: TreePath) throws(GitError) -> FilePath? {
        guard let pointer = LargeFilePointer(blob) else { return nil }
        let digest = pointer.digest
        for directory in directories {
            let file = directory.appending(String(digest.prefix(2)))
                .appending(String(digest.dropFirst(2).prefix(2))).appending(digest)
            // One of another size was never written to its end.
            if let status = FileStatus(file), status.isRegular, status.size == pointer.size { return file }
        }
        throw GitError(
            .filterUnavailable,
            "lay out `\(path)`",
            "its content, the LFS object \(digest.prefix(10)) of \(pointer.size) bytes, is not on this machine",
            hint: "git lfs fetch --all"
        )
    }
}
