internal import CLibgit2
internal import SystemPackage

/// Does to a file what git does on its way into the repository and libgit2 does not: filter programs and encodings.
struct CleanFilter {
    let handle: RepositoryHandle
    let workDirectory: FilePath
    let store: FilePath

    /// The blob of the cleaned file; `nil` when libgit2 does it all.
    func clean(_ path: TreePath, _ status: FileStatus, in index: SnapshotIndex) throws(GitError) -> ObjectID? {
        let attributes = try FileAttributes(of: path, in: nil, with: handle)
        let program = try program(for: attributes.filter, path)
        let isLarge = status.size >= TreeReader.largeSize
        guard program != nil || attributes.encoding != nil || isLarge else { return nil }
        let file = workDirectory.appending(path)
        guard let program else { return try store(file, path, attributes, in: index) }
        guard let output = try run(program, on: file, path) else {
            return try store(file, path, attributes, in: index)
        }
        return try store(output.path, path, attributes, in: index)
    }

    /// Does what comes after the filter program: the encoding, then line ends and `ident`.
    private func store(
        _ content: FilePath,
        _ path: TreePath,
        _ attributes: FileAttributes,
        in index: SnapshotIndex
    ) throws(GitError) -> ObjectID {
        if let encoding = attributes.encoding {
            return try write(TextEncoding.decode(FileBytes.read(content), from: encoding, path), path)
        }
        let file = LargeFile(content: content, path: path, handle: handle, index: index)
        if let blob = try file.write(attributes) { return blob }
        return try write(FileBytes.read(content), path)
    }

    private struct Program {
        var arguments: [String]
        var environment: [String: String] = [:]
        /// Whether its failure is ours; otherwise git takes the file as it is.
        var isRequired: Bool
    }

    private func program(for filter: String?, _ path: TreePath) throws(GitError) -> Program? {
        guard let filter else { return nil }
        if filter == "lfs" {
            // It writes objects and hooks into the repository that it runs in, which must be ours.
            return Program(
                arguments: ["git-lfs", "clean", "--", path.description],
                environment: ["GIT_DIR": store.string],
                isRequired: true
            )
        }
        let isRequired = handle.configurationFlag("filter.\(filter).required", default: false)
        if let command = handle.configuration("filter.\(filter).clean") {
            return Program(arguments: ["sh", "-c", shellText(command, path)], isRequired: isRequired)
        }
        if handle.configuration("filter.\(filter).process") != nil, isRequired {
            throw GitError(
                .filterUnavailable,
                "clean `\(path)`",
                "the filter `\(filter)` has a `process` and no `clean` command, which is all that we run"
            )
        }
        return nil
    }

    /// git runs the command at the top of the work tree, with the quoted path in the place of `%f`.
    private func shellText(_ command: String, _ path: TreePath) -> String {
        let filled = command.split(separator: "%f", omittingEmptySubsequences: false)
            .joined(separator: Self.quote(path.description))
        return "cd \(Self.quote(workDirectory.string)) && { \(filled)\n}"
    }

    private static func quote(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// What the program made of the file; `nil` where the file counts as it is.
    private func run(_ program: Program, on file: FilePath, _ path: TreePath) throws(GitError) -> ScratchFile? {
        do throws(GitError) {
            return try ExternalProgram(arguments: program.arguments, environment: program.environment)
                .run(input: file, scratch: store)
        } catch {
            guard program.isRequired else { return nil }
            let isMissing = error.code == .notFound
            throw GitError(
                .filterUnavailable,
                "clean `\(path)`",
                isMissing ? "`\(program.arguments[0])` is not installed" : error.message,
                hint: isMissing ? "apt-get install \(program.arguments[0])" : nil
            )
        }
    }

    /// Line ends and `ident`, as libgit2 does them, come after filter and encoding.
    private func write(_ bytes: [UInt8], _ path: TreePath) throws(GitError) -> ObjectID {
        var filters: OpaquePointer?
        let loaded = path.withCString {
            git_filter_list_load(&filters, handle.pointer, nil, $0, GIT_FILTER_TO_ODB, 0)
        }
        try Libgit2.check(loaded, "clean `\(path)`")
        defer { git_filter_list_free(filters) }
        var oid = git_oid()
        let written = bytes.withUnsafeBytes { raw in
            var buffer = git_buf()
            defer { git_buf_dispose(&buffer) }
            let start = raw.assumingMemoryBound(to: CChar.self).baseAddress
            let code = git_filter_list_apply_to_buffer(&buffer, filters, start, raw.count)
            guard code == 0 else { return code }
            return git_blob_create_from_buffer(&oid, handle.pointer, buffer.ptr, buffer.size)
        }
        try Libgit2.check(written, "write the blob of `\(path)`")
        return ObjectID(oid)
    }
}
