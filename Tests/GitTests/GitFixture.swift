import Foundation
import Git
import SystemPackage

/// A temporary directory with repositories that the real `git` makes. It is removed with the value.
final class GitFixture {
    let root: FilePath

    init() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("git-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        root = FilePath(path.resolvingSymlinksInPath().path)
    }

    deinit {
        // Nothing to be done about what stays in the temporary directory.
        _ = try? Self.run("chmod -R u+rwX . && rm -rf \"$PWD\"", in: root)
    }

    var store: FilePath { root.appending("store.git") }

    /// A repository on branch `develop` with what the script does in it.
    func repository(_ name: String = "user", _ script: String = "") throws -> FilePath {
        let path = root.appending(name)
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        try shell("git init -q -b develop && " + (script.isEmpty ? "true" : script), in: path)
        return path
    }

    /// Runs a script with `bash -e` and returns its output without the last line break.
    @discardableResult
    func shell(_ script: String, in directory: FilePath? = nil) throws -> String {
        try Self.run(script, in: directory ?? root)
    }

    func id(_ spec: String, in repository: FilePath) throws -> ObjectID {
        try parse(shell("git rev-parse '\(spec)'", in: repository))
    }

    func parse(_ text: String) throws -> ObjectID {
        guard let id = ObjectID(text) else { throw ScriptFailure(script: "rev-parse", status: 0, output: text) }
        return id
    }

    /// Everything below a directory: names, kinds, modes, sizes, times to the nanosecond, digests.
    func listing(_ directory: FilePath) throws -> String {
        try shell(
            "find . -printf '%P %y %m %s %T@ %C@ %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha1sum",
            in: directory
        )
    }

    private static func run(_ script: String, in directory: FilePath) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-e", "-o", "pipefail", "-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: directory.string)
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        environment["GIT_CONFIG_SYSTEM"] = "/dev/null"
        for (key, value) in [
            ("user.name", "Ada"), ("user.email", "ada@example.org"), ("protocol.file.allow", "always"),
        ]
        .enumerated().map({ ($0.offset, $0.element) }).flatMap({ index, pair in
            [("GIT_CONFIG_KEY_\(index)", pair.0), ("GIT_CONFIG_VALUE_\(index)", pair.1)]
        }) {
            environment[key] = value
        }
        environment["GIT_CONFIG_COUNT"] = "3"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: bytes, as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw ScriptFailure(script: script, status: process.terminationStatus, output: text)
        }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

struct ScriptFailure: Error {
    let script: String
    let status: Int32
    let output: String
}
