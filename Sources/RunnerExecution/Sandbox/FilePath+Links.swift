import Glibc
import SystemPackage

extension FilePath {
    /// Where a path leads, symbolic links followed; itself where it leads nowhere.
    var resolvingLinks: FilePath {
        guard let resolved = realpath(string, nil) else { return self }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }
}
