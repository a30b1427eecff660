import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

extension DaemonFixture {
    /// Gives a command a value on its standard input, from a file that is gone then.
    @discardableResult
    func run(giving value: String, to arguments: String..., status: Int32 = 0) async throws -> RunnerFixture.End {
        let file = fixture.directory.appending("given")
        try FileSystem.write(Array(value.utf8), to: file)
        defer { unlink(file.string) }
        let script = "exec \"$0\" \"$@\" < \(file)"
        let end = try await fixture.execute("/bin/sh", ["-c", script, RunnerFixture.program.string] + arguments)
        guard end.status == status else {
            throw RunnerFixture.Failure(description: "runner \(arguments) ended with \(end.status): \(end.errors)")
        }
        return end
    }

    /// Waits for a run to end; its stages by name.
    func stages(of run: Int) async throws -> [String: StageView] {
        try await wait(for: run) { $0.run.outcome != nil }
        return Dictionary(try await detail(run).stages.map { ($0.name, $0) }) { first, _ in first }
    }

    /// What the first step of a stage has printed so far.
    func output(of stage: String, run: Int) throws -> String {
        let folder = StateDirectory(fixture.state).runs.appending("\(run)").appending(stage)
        guard let name = FileSystem.names(in: folder).first(where: { $0.hasPrefix("01-") && $0.hasSuffix(".log") }),
            let data = try FileSystem.read(folder.appending(name))
        else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// Looks for a value in all that others may read.
struct SecretSearch {
    private let patterns: [[UInt8]]

    init(_ values: [String]) {
        patterns = values.flatMap { value -> [[UInt8]] in
            // Base64 wherever it begins in the encoded text: without the characters that its neighbours share.
            let encoded = (0..<3).map { shift in
                Array(Data(Array("xxx".utf8).prefix(shift) + Array(value.utf8)).base64EncodedString().utf8)
                    .dropFirst(shift == 0 ? 0 : 4).dropLast(4)
            }
            return [Array(value.utf8)] + encoded.map { Array($0) }
        }
    }

    func holds(_ bytes: some Collection<UInt8>) -> Bool {
        let bytes = Array(bytes)
        return patterns.contains { pattern in
            bytes.withUnsafeBytes { hay in
                pattern.withUnsafeBytes { needle in
                    guard let start = hay.baseAddress, let wanted = needle.baseAddress else { return false }
                    var at = 0
                    while at + needle.count <= hay.count,
                        let found = memchr(start + at, Int32(needle[0]), hay.count - needle.count - at + 1)
                    {
                        if memcmp(found, wanted, needle.count) == 0 { return true }
                        at = found - UnsafeMutableRawPointer(mutating: start) + 1
                    }
                    return false
                }
            }
        }
    }

    /// Files below a directory that hold it.
    func files(below root: FilePath, _ fixture: RunnerFixture) async throws -> [String] {
        let list = fixture.directory.appending("patterns")
        try FileSystem.write(patterns.flatMap { $0 + [0x0A] }, to: list)
        defer { unlink(list.string) }
        // It ends with 1 where it finds nothing, and with 2 where files go while it looks.
        let end = try await fixture.execute("/usr/bin/grep", ["-rlaF", "-f", list.string, root.string])
        guard end.status <= 2 else { throw RunnerFixture.Failure(description: "grep: \(end.errors)") }
        return end.output.split(separator: "\n").map(String.init)
    }

    /// Processes of this machine whose arguments hold it, or whose variables do and which are no part of a step.
    func processes() -> [String] {
        var found: [String] = []
        for name in FileSystem.names(in: "/proc") where Int(name) != nil && name != "\(getpid())" {
            let folder = FilePath("/proc").appending(name)
            // What ends while we look shows nothing.
            let arguments = (try? FileSystem.read(folder.appending("cmdline"), limit: 4 << 20)).flatMap(\.self)
            let variables = (try? FileSystem.read(folder.appending("environ"), limit: 4 << 20)).flatMap(\.self)
            if let arguments, holds(arguments) { found.append("arguments of \(name)") }
            if let variables, holds(variables),
                !String(decoding: variables, as: UTF8.self).contains("RUNNER_STAGE=")
            {
                found.append("variables of \(name)")
            }
        }
        return found
    }
}
