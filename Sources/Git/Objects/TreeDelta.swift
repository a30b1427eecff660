/// What turns one tree into another.
package struct TreeDelta: Sendable, Hashable {
    package let from: ObjectID
    package let to: ObjectID
    /// Files, symlinks and submodules that are new, or have other content or another mode.
    package internal(set) var changed: [TreeEntry] = []
    /// What is gone and has nothing else in its place; a deleted directory is one path.
    package internal(set) var deleted: [TreePath] = []
    /// Directories of `to` that have other names in them than before: what makes a new time of them elsewhere.
    package internal(set) var directories: [TreeEntry] = []
    /// The `.gitattributes` files of `to` in the directories that hold something changed, and above.
    var attributeFiles: [TreeEntry] = []
    /// Directories whose own `.gitattributes` came, went or changed.
    var attributeChanges: [TreePath] = []

    init(from: ObjectID, to: ObjectID) {
        self.from = from
        self.to = to
    }

    package var isEmpty: Bool { changed.isEmpty && deleted.isEmpty }
}
