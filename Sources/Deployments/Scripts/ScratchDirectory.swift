import Glibc
import RunnerStore
import SystemPackage

/// A directory that nobody else can look into, which goes with this object.
final class ScratchDirectory {
    let path: FilePath

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/runner-XXXXXX".utf8CString)
        _ = try checked("make directory in", FilePath(parent)) { mkdtemp(&template) == nil ? -1 : 0 }
        path = FilePath(platformString: template)
    }

    deinit {
        // What stays is in the directory for temporary things.
        try? TreeRemoval.remove(path)
    }
}
