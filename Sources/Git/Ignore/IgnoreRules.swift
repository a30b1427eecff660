internal import CLibgit2
internal import SystemPackage

/// All exclude files that count in one directory of a work tree.
struct IgnoreRules {
    /// Those of the innermost directory come last, and are asked first.
    private var lists: [IgnoreList]

    /// What counts at the top: the user's exclude file, and the repository's own.
    init(of handle: RepositoryHandle) {
        lists = Self.files(handle).map { file in
            // One that is not there, or cannot be read, excludes nothing.
            IgnoreList((try? FileBytes.read(file)) ?? [])
        }
    }

    /// Adds the `.gitignore` of a directory below.
    func entering(_ directory: TreePath, _ text: [UInt8]) -> IgnoreRules {
        var rules = self
        rules.lists.append(IgnoreList(text, in: directory))
        return rules
    }

    /// Whether a path directly in the innermost directory is ignored.
    func ignores(_ path: TreePath, isDirectory: Bool) -> Bool {
        for list in lists.reversed() {
            if let verdict = list.verdict(path, isDirectory: isDirectory) { return verdict }
        }
        return false
    }

    private static func files(_ handle: RepositoryHandle) -> [FilePath] {
        var files: [FilePath] = []
        if let named = handle.configurationPath("core.excludesfile") {
            files.append(named)
        } else if let directory = UserSettings.directory {
            files.append(directory.appending("ignore"))
        }
        if let common = git_repository_commondir(handle.pointer) {
            files.append(FilePath(platformString: common).appending("info/exclude"))
        }
        return files
    }
}
