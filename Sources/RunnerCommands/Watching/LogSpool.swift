import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// Logs of a run elsewhere as files here, for as long as the displays read them: they know files alone.
struct LogSpool: Sendable {
    /// Has no files but the logs that are being followed.
    let directory: RunDirectory
    private let client: RunnerClient

    /// Where only the last line is shown, a file is begun anew when it is so large.
    private static let window = 1 << 20

    init(_ client: RunnerClient, run: RunNumber) throws {
        self.client = client
        let base = FilePath(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
        var template = Array(base.appending("runner-watch-XXXXXX").string.utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure("make a directory in", base) }
        directory = RunDirectory(FilePath(platformString: template), number: run)
    }

    /// What lies there is of use to nobody else.
    func remove() { try? TreeRemoval.remove(directory.path) }

    /// `nil` for a name that is none of a log: what is written goes nowhere else.
    func path(of log: String, stage: StageID) -> FilePath? {
        guard !log.isEmpty, !log.hasPrefix("."), !log.contains("/") else { return nil }
        return directory.stage(stage).path.appending(log)
    }

    /// Writes a step's log until the step has ended.
    func follow(_ path: FilePath, stage: StageID, step: Int, wholly: Bool) async throws {
        try FileSystem.makeDirectories(path.removingLastComponent())
        let fd = open(path.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard fd >= 0 else { throw SystemFailure("create", path) }
        defer { close(fd) }
        var size = 0
        for try await piece in client.followLog(of: directory.number, stage: stage.description, step: step) {
            if !wholly, size > Self.window {
                ftruncate(fd, 0)
                lseek(fd, 0, SEEK_SET)
                size = 0
            }
            guard piece.bytes.withUnsafeBytes({ FileSystem.writeAll($0, to: fd) }) else {
                throw SystemFailure("write", path)
            }
            size += piece.bytes.count
        }
    }
}
