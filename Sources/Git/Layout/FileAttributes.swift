internal import CLibgit2

/// The attributes of a file that change its content between repository and work tree.
struct FileAttributes: Hashable {
    /// A value as `.gitattributes` gives it.
    enum Value: Hashable {
        case unspecified
        case set
        case unset
        case text(String)
    }

    private static let names: [StaticString] = ["text", "crlf", "eol", "ident", "working-tree-encoding", "filter"]

    private let values: [Value]

    /// Reads them for one path of a commit, or, without a commit, of the work tree.
    init(of path: TreePath, in commit: ObjectID?, with handle: RepositoryHandle) throws(GitError) {
        var options = git_attr_options()
        options.version = UInt32(GIT_ATTR_OPTIONS_VERSION)
        if let commit {
            options.flags = UInt32(GIT_ATTR_CHECK_INDEX_ONLY | GIT_ATTR_CHECK_NO_SYSTEM | GIT_ATTR_CHECK_INCLUDE_COMMIT)
            options.attr_commit_id = commit.oid
        }
        var names = Self.names.map { name -> UnsafePointer<CChar>? in
            UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        }
        var found = [UnsafePointer<CChar>?](repeating: nil, count: names.count)
        let code = path.withCString { text in
            git_attr_get_many_ext(&found, handle.pointer, &options, text, names.count, &names)
        }
        try Libgit2.check(code, "read the attributes of `\(path)`")
        values = found.map(Value.init)
    }

    private var text: Value { values[0] == .unspecified ? values[1] : values[0] }
    private var eol: Value { values[2] }
    private var ident: Value { values[3] }

    /// Whether the file is kept in LFS.
    var isLargeFile: Bool { filter == "lfs" }

    /// The filter driver, by name.
    var filter: String? {
        guard case .text(let name) = values[5] else { return nil }
        return name
    }

    /// The encoding in the work tree, where it is not UTF-8.
    var encoding: String? {
        guard case .text(let name) = values[4], !["utf-8", "utf8"].contains(name.lowercased()) else { return nil }
        return name
    }

    /// Whether the content decides if the file is text; only asked of files whose line ends may change.
    var isTextGuessed: Bool {
        // The newer of two names for the same comes first.
        for value in values.prefix(2) {
            switch value {
            case .set, .unset, .text("input"): return false
            case .text("auto"): return true
            case .unspecified, .text: continue
            }
        }
        return eol != .text("lf") && eol != .text("crlf")
    }

    /// Whether a checkout puts in other line ends or an id.
    var hasOtherText: Bool { ident == .set || eol == .text("crlf") && text != .unset }

    /// Whether a checkout writes anything but the bytes of the blob.
    var changesContent: Bool { isLargeFile || encoding != nil || hasOtherText }
}

extension FileAttributes.Value {
    fileprivate init(_ value: UnsafePointer<CChar>?) {
        switch git_attr_value(value) {
        case GIT_ATTR_VALUE_TRUE: self = .set
        case GIT_ATTR_VALUE_FALSE: self = .unset
        case GIT_ATTR_VALUE_STRING: self = .text(value.map { String(cString: $0) } ?? "")
        default: self = .unspecified
        }
    }
}
