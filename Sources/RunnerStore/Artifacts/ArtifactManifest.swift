package import FoundationEssentials
import Glibc
import RunnerCore
package import SystemPackage

/// What an artifact consists of, sorted by path. The SHA-256 of its JSON is the artifact's digest.
package struct ArtifactManifest: Codable, Sendable {
    package var version = 1
    package var files: [File]

    package struct File: Codable, Sendable, Hashable {
        /// Base64 of the raw name, because names need not be UTF-8.
        package var path: Data
        package var executable: Bool
        package var bytes: Int64
        /// `nil` for a link.
        package var digest: Digest?
        package var link: Data?
    }

    package init(files: [File]) { self.files = files }

    /// The manifest of this digest, every path and link in it checked to stay inside: what comes from elsewhere may have
    /// been made to write anywhere.
    package init(_ data: Data, digest: Digest) throws {
        guard Digest.sha256(data) == digest else {
            throw RunnerError(.errored, "cannot use artifact \(digest.short)", why: "its list of files was changed")
        }
        self = try JSON.decode(ArtifactManifest.self, from: data)
        try check(as: digest.short)
    }

    /// What several have together, each path once. Throws where two have different files of one path.
    package init(merging manifests: [ArtifactManifest]) throws {
        var known: [Data: File] = [:]
        for file in manifests.flatMap(\.files) {
            if let other = known[file.path], other != file {
                throw RunnerError(
                    .input,
                    "cannot lay the parts of the artifact over each other",
                    why: "two stages have `\(file.name)` in it, and they differ"
                )
            }
            known[file.path] = file
        }
        files = known.values.sorted { $0.path.lexicographicallyPrecedes($1.path) }
        try check(as: "of several stages")
    }

    private func check(as name: String) throws {
        let links = Set(files.filter { $0.link != nil }.map(\.path))
        for file in files {
            guard let problem = file.problem ?? (file.isBelow(links) ? "it lies below a link" : nil) else { continue }
            throw RunnerError(
                .errored,
                "cannot use artifact \(name)",
                why: "its file `\(file.name)` could be written elsewhere: \(problem)"
            )
        }
    }

    /// What lies in a directory, links as they are.
    package init(of directory: FilePath) throws {
        files = []
        var found: [DirectoryEntry] = []
        try DirectoryWalk.visit(directory) { entry in
            if entry.kind == .file || entry.kind == .link { found.append(entry) }
            return true
        }
        for entry in found { files.append(try File(entry, in: directory)) }
    }

    package var digest: Digest { get throws { Digest.sha256(try JSON.encode(self)) } }
}

extension ArtifactManifest.File {
    /// For people and for statements: bytes that are no UTF-8 as `%FF`.
    package var name: String {
        if let text = String(validating: path, as: UTF8.self) { return text }
        return path.map { $0 < 0x80 ? String(UnicodeScalar($0)) : "%" + String($0, radix: 16, uppercase: true) }
            .joined()
    }

    fileprivate init(_ entry: DirectoryEntry, in directory: FilePath) throws {
        let path = entry.path(below: directory)
        if entry.kind == .link {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = readlink(path.cString, &buffer, buffer.count)
            guard length >= 0 else { throw SystemFailure("read link", path) }
            let target = Data(buffer.prefix(length).map { UInt8(bitPattern: $0) })
            self.init(path: Data(entry.name), executable: false, bytes: 0, digest: nil, link: target)
            return
        }
        let fd = try checked("open", path) { open(path.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(fd) }
        let (digest, bytes) = try DigestStream.read(fd, name: path)
        self.init(path: Data(entry.name), executable: entry.mode & 0o111 != 0, bytes: bytes, digest: digest, link: nil)
    }

    /// Why it may not be written; `nil` for what stays inside.
    fileprivate var problem: String? {
        let slash = UInt8(ascii: "/")
        let parts = path.split(separator: slash, omittingEmptySubsequences: false)
        if path.isEmpty || path.contains(0) { return "its name is none" }
        for part in parts where part.isEmpty || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) {
            return "its name is no plain path"
        }
        if bytes < 0 { return "its size is below 0" }
        guard let link else { return digest == nil ? "it has no content" : nil }
        var depth = parts.count - 1
        if link.isEmpty || link.first == slash || link.contains(0) { return "its target lies outside" }
        for part in link.split(separator: slash) {
            if part.elementsEqual("..".utf8) { depth -= 1 }
            if depth < 0 { return "its target lies outside" }
        }
        return nil
    }

    fileprivate func isBelow(_ links: Set<Data>) -> Bool {
        guard !links.isEmpty else { return false }
        return path.indices.contains { path[$0] == UInt8(ascii: "/") && links.contains(path[..<$0]) }
    }
}
