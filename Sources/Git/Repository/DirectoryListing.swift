internal import Glibc
internal import SystemPackage

/// The names in a directory.
enum DirectoryListing {
    enum Kind {
        case file
        case symlink
        case directory
        /// A device, socket or pipe, which git does not see.
        case other
    }

    static func read(_ path: FilePath) throws(GitError) -> [(name: [UInt8], kind: Kind)] {
        guard let stream = path.withPlatformString({ opendir($0) }) else {
            throw Libgit2.systemError("list directory \(path)")
        }
        defer { closedir(stream) }
        var found: [(name: [UInt8], kind: Kind)] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { Array(cString: $0) }
            }
            if name != [0x2e] && name != [0x2e, 0x2e] {
                found.append((name, kind(entry.pointee.d_type, TreePath(bytes: name), in: path)))
            }
            errno = 0
        }
        guard errno == 0 else { throw Libgit2.systemError("list directory \(path)") }
        return found
    }

    private static func kind(_ type: UInt8, _ name: TreePath, in directory: FilePath) -> Kind {
        switch Int(type) {
        case Int(DT_REG): return .file
        case Int(DT_LNK): return .symlink
        case Int(DT_DIR): return .directory
        case Int(DT_UNKNOWN):
            // Some file systems do not tell.
            guard let status = FileStatus(directory.appending(name)) else { return .other }
            return status.isDirectory ? .directory : status.isSymlink ? .symlink : status.isRegular ? .file : .other
        default: return .other
        }
    }
}
