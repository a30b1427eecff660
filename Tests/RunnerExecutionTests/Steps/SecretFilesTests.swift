import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@testable import RunnerExecution

/// Secrets as files where there is no sandbox.
@Suite(.serialized) struct SecretFilesTests {
    private let places: StagePlaces

    init() throws {
        let run = try #require(RunNumber(1))
        places = StagePlaces(state: StateDirectory("/nonexistent"), run: run, stage: StageID("use"))
    }

    private func make() throws -> SecretFiles {
        let files = try SecretFiles.make(["TOKEN": "a value"], isolation: .none, places: places)
        return try #require(files)
    }

    @Test func `a file in memory, for its owner alone, and gone with the stage`() throws {
        let files = try make()
        let path = FilePath(files.place(of: "TOKEN"))
        #expect(try FileSystem.read(path) == Data("a value".utf8))
        var status = stat()
        #expect(stat(path.string, &status) == 0 && status.st_mode & 0o777 == 0o400)
        #expect(stat(files.directory.string, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(path.starts(with: "/dev/shm"))
        files.remove()
        #expect(!FileSystem.exists(files.directory))
    }

    @Test func `what a killed supervisor left is swept away, and what is needed is not`() throws {
        let needed = try make()
        var left: SecretFiles? = try make()
        let directory = try #require(left).directory
        // As the kernel does at a process's end: the lock is gone, the directory is not.
        left = nil
        #expect(FileSystem.exists(directory))
        SecretFiles.sweep()
        #expect(!FileSystem.exists(directory))
        #expect(FileSystem.exists(needed.directory))
        needed.remove()
    }

    @Test func `the variable holds the path for files, else the value`() throws {
        let files = try make()
        defer { files.remove() }
        let variables = SecretFiles.variables(["TOKEN": "a value", "B": "b"], files: ["TOKEN", "C"], in: files)
        #expect(variables == ["TOKEN": "\(files.directory)/TOKEN", "B": "b"])
        #expect(SecretFiles.variables(["B": "b"], files: nil, in: nil) == ["B": "b"])
    }

    @Test func `without any there is nothing`() throws {
        #expect(try SecretFiles.make([:], isolation: .none, places: places) == nil)
    }
}
