import FoundationEssentials
import Git
import Glibc
import RunnerCore
import SystemPackage

@testable import RunnerStore

/// A directory that goes with the test.
final class Scratch: Sendable {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/runner-store-XXXXXX".utf8CString)
        _ = try checked("make directory", "/tmp") { mkdtemp(&template) == nil ? -1 : 0 }
        path = FilePath(platformString: template)
    }

    deinit {
        // What a test leaves behind in /tmp is no reason to fail it.
        try? TreeRemoval.remove(path)
    }

    /// A directory below, with files by path.
    func directory(_ name: String, _ files: [String: String] = [:]) throws -> FilePath {
        let directory = path.appending(name)
        try FileSystem.makeDirectories(directory)
        for (file, text) in files { try write(text, to: directory.pushing(FilePath(file))) }
        return directory
    }

    func write(_ text: String, to file: FilePath) throws {
        try FileSystem.makeDirectories(file.removingLastComponent())
        try FileSystem.write(Array(text.utf8), to: file)
    }
}

/// A small file as text; `nil` where there is none.
func text(_ path: FilePath) throws -> String? {
    try FileSystem.read(path).map { String(decoding: $0, as: UTF8.self) }
}

/// Kills this process from a thread of its own.
func killThisProcess(after microseconds: UInt32) {
    var thread = pthread_t()
    let argument = UnsafeMutableRawPointer(bitPattern: UInt(microseconds))
    pthread_create(
        &thread,
        nil,
        { argument in
            usleep(UInt32(UInt(bitPattern: argument)))
            kill(getpid(), SIGKILL)
            return nil
        },
        argument
    )
}
