import Glibc
import SystemPackage

extension BuildCacheStore {
    /// Every file that counts, of all repositories, damaged ones too.
    static func files(in state: StateDirectory) throws -> [FilePath] {
        try all(in: state).filter { !isLeft($0) }
    }

    /// Removes what was on its way when somebody was killed. What is on its way now is younger than an hour: a connection
    /// over which nothing passes for half a minute is closed.
    static func sweep(_ state: StateDirectory) throws {
        let now = Glibc.time(nil)
        for file in try all(in: state) where isLeft(file) {
            var status = stat()
            if lstat(file.cString, &status) == 0, now - status.st_mtim.tv_sec > 3600 { unlink(file.cString) }
        }
    }

    private static func all(in state: StateDirectory) throws -> [FilePath] {
        let folder = folder(in: state)
        guard FileSystem.exists(folder) else { return [] }
        var files: [FilePath] = []
        try DirectoryWalk.visit(folder) { entry in
            if entry.kind == .file { files.append(entry.path(below: folder)) }
            return true
        }
        return files
    }

    private static func isLeft(_ file: FilePath) -> Bool {
        file.lastComponent?.string.hasPrefix(".") == true
            || file.removingLastComponent().lastComponent?.string == "aside"
    }
}
