import FoundationEssentials
import Glibc
import RunnerExecution
import RunnerStore
import SystemPackage

/// What a test needed and did not get.
struct TestTrouble: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A directory that goes with the test.
final class Scratch: Sendable {
    let path: FilePath

    init() throws {
        // As the tool does: a program that ends before it has read everything must not end the test.
        signal(SIGPIPE, SIG_IGN)
        var template = Array("/tmp/runner-deployments-XXXXXX".utf8CString)
        _ = try checked("make directory", "/tmp") { mkdtemp(&template) == nil ? -1 : 0 }
        path = FilePath(platformString: template)
        // Servers with users of their own go through it.
        chmod(path.string, 0o755)
    }

    deinit {
        // What a test leaves behind in /tmp is no reason to fail it.
        try? TreeRemoval.remove(path)
    }

    func directory(_ name: String) throws -> FilePath {
        let directory = path.pushing(FilePath(name))
        try FileSystem.makeDirectories(directory)
        return directory
    }

    @discardableResult
    func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws -> FilePath {
        let file = path.pushing(FilePath(name))
        try FileSystem.makeDirectories(file.removingLastComponent())
        try FileSystem.write(Data(text.utf8), to: file, mode: mode)
        return file
    }

    /// `nil` where there is none.
    func read(_ name: String) throws -> String? {
        try FileSystem.read(path.pushing(FilePath(name))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Throws where a command says no; what it printed, on one line.
    @discardableResult
    func shell(_ script: String) throws -> String {
        let end = ProgramOutput.capture("/bin/sh", ["-c", "set -e; cd \(path)\n\(script)"])
        guard end.code == 0 else { throw TestTrouble("\(script): \(end.output)") }
        return end.output
    }
}

/// Waits for an event that nothing tells of; throws with its name after the time.
func eventually(_ event: String, within limit: Duration = .seconds(20), _ isTrue: () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while try !isTrue() {
        guard ContinuousClock.now < deadline else { throw TestTrouble("not within \(limit.words): \(event)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Whether a process of this machine runs; one that ended and was not waited for does not.
func isRunning(_ pid: Int32) throws -> Bool {
    guard let text = try FileSystem.read(FilePath("/proc/\(pid)/stat")) else { return false }
    let fields = String(decoding: text, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
    return fields?.first != "Z"
}
