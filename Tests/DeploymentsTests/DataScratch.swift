import FoundationEssentials
import Glibc
import RunnerStore
import SystemPackage

struct FixtureFailure: Error, CustomStringConvertible {
    let description: String
}

/// A directory that goes with the test.
final class DataScratch: Sendable {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/runner-data-XXXXXX".utf8CString)
        _ = try checked("make directory", "/tmp") { mkdtemp(&template) == nil ? -1 : 0 }
        path = FilePath(platformString: template)
    }

    deinit {
        // What a test leaves behind in /tmp is no reason to fail it.
        try? TreeRemoval.remove(path)
    }

    /// Writes files by path below.
    func write(_ files: [String: String]) throws {
        for (name, text) in files {
            let file = path.pushing(FilePath(name))
            try FileSystem.makeDirectories(file.removingLastComponent())
            try FileSystem.write(Data(text.utf8), to: file)
        }
    }

    func text(_ name: String) throws -> String? {
        try FileSystem.read(path.pushing(FilePath(name))).map { String(decoding: $0, as: UTF8.self) }
    }
}
