import Glibc
import RunnerStore
import SystemPackage

/// A directory that goes with the test.
final class Scratch {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/runner-execution-XXXXXX".utf8CString)
        _ = try checked("make directory", "/tmp") { mkdtemp(&template) == nil ? -1 : 0 }
        path = FilePath(platformString: template)
    }

    deinit {
        // What a test leaves behind in /tmp is no reason to fail it.
        try? TreeRemoval.remove(path)
    }

    /// A directory below.
    func directory(_ name: String) throws -> FilePath {
        let directory = path.pushing(FilePath(name))
        try FileSystem.makeDirectories(directory)
        return directory
    }
}
