internal import CLibgit2
internal import SystemPackage

/// All that decides how files are cleaned on their way into a repository, as one text to compare.
struct AttributeFingerprint {
    let text: [UInt8]

    init(_ index: SnapshotIndex, _ handle: RepositoryHandle) throws(GitError) {
        var text: [UInt8] = []
        for key in ["core.autocrlf", "core.eol", "core.attributesfile", "core.filemode", "core.symlinks"] {
            text += "\(key)=\(handle.configuration(key) ?? "")\n".utf8
        }
        for file in Self.files(handle) {
            // One that is not there, or cannot be read, says nothing.
            text += (try? FileBytes.read(file)) ?? []
            text.append(0)
        }
        try index.forEach { entry in
            let path = TreePath(cString: entry.path)
            if path.name == AttributeSource.fileName { text += "\(path) \(ObjectID(entry.id))\n".utf8 }
        }
        self.text = text
    }

    private static func files(_ handle: RepositoryHandle) -> [FilePath] {
        var files: [FilePath] = [FilePath("/etc/gitattributes")]
        if let common = git_repository_commondir(handle.pointer) {
            files.append(FilePath(platformString: common).appending("info/attributes"))
        }
        if let directory = UserSettings.directory { files.append(directory.appending("attributes")) }
        if let named = handle.configurationPath("core.attributesfile") { files.append(named) }
        return files
    }
}
