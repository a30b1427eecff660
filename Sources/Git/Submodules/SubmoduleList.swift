internal import CLibgit2
internal import SystemPackage

/// A submodule as `.gitmodules` declares it.
struct SubmoduleDeclaration {
    let name: String
    let path: TreePath
}

extension RepositoryHandle {
    private static let largestList = 1 << 20

    /// The submodules that a tree declares and holds, with the commits that it wants; none without `.gitmodules`.
    func submodules(of tree: ObjectID, scratch: FilePath) throws(GitError) -> [(SubmoduleDeclaration, ObjectID)] {
        guard let list = try entry(at: ".gitmodules", inTree: tree), list.mode.isFile else { return [] }
        var found: [(SubmoduleDeclaration, ObjectID)] = []
        for declaration in try declarations(in: blob(list.id, limit: Self.largestList), scratch: scratch) {
            guard let entry = try entry(at: declaration.path, inTree: tree), entry.mode == .submodule else { continue }
            found.append((declaration, entry.id))
        }
        return found
    }

    private func declarations(in text: [UInt8], scratch: FilePath) throws(GitError) -> [SubmoduleDeclaration] {
        // libgit2 parses configuration from files only.
        let file = ScratchFile(in: scratch)
        try FileBytes.replace(file.path, with: text)
        let config = try Libgit2.obtain("read .gitmodules") { out in
            file.path.withPlatformString { git_config_open_ondisk(&out, $0) }
        }
        defer { git_config_free(config) }
        let iterator = try Libgit2.obtain("read .gitmodules") { out in
            git_config_iterator_glob_new(&out, config, "^submodule\\..*\\.path$")
        }
        defer { git_config_iterator_free(iterator) }
        var found: [SubmoduleDeclaration] = []
        var entry: UnsafeMutablePointer<git_config_entry>?
        while git_config_next(&entry, iterator) == 0, let setting = entry?.pointee {
            let name = String(String(cString: setting.name).dropFirst("submodule.".count).dropLast(".path".count))
            let path = TreePath(cString: setting.value)
            guard path.components.allSatisfy(TreeItem.isSafe), !path.isRoot, Self.isSafe(moduleName: name) else {
                throw GitError(.refused, "read .gitmodules", "the submodule `\(name)` has a harmful name or path")
            }
            found.append(SubmoduleDeclaration(name: name, path: path))
        }
        return found
    }

    /// The name becomes a path below `.git/modules`, so it may not lead out of there.
    private static func isSafe(moduleName name: String) -> Bool {
        !name.isEmpty && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { $0 != ".." }
    }
}
