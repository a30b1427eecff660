/// What a tree entry is, by git's own mode numbers.
package enum FileMode: UInt32, Sendable, Hashable {
    case directory = 0o040000
    case regular = 0o100644
    case executable = 0o100755
    case symlink = 0o120000
    case submodule = 0o160000

    /// Reads a mode as trees hold it. Old trees hold further permission bits of files, which git itself ignores.
    init?(raw: UInt32) {
        switch raw & 0o170000 {
        case 0o040000: self = .directory
        case 0o100000: self = raw & 0o100 != 0 ? .executable : .regular
        case 0o120000: self = .symlink
        case 0o160000: self = .submodule
        default: return nil
        }
    }

    /// Whether the entry is a blob with file content.
    package var isFile: Bool { self == .regular || self == .executable }
}

/// One entry of a tree, with its path from the tree that was asked.
package struct TreeEntry: Sendable, Hashable {
    package let path: TreePath
    /// The blob; for a submodule its commit, for a directory its tree.
    package let id: ObjectID
    package let mode: FileMode

    package init(path: TreePath, id: ObjectID, mode: FileMode) {
        self.path = path
        self.id = id
        self.mode = mode
    }
}
