import CLinux
import FoundationEssentials
import Glibc
import RunnerStore
import SystemPackage

/// A layer as one file for another machine: a tar archive with its whiteouts, opaque directories and times, compressed. The
/// same layer makes the same bytes. Made and read by GNU tar.
enum LayerArchive {
    /// What both ways need: what overlays keep in extended attributes comes along, other attributes do not.
    private static let attributes = ["--xattrs", "--xattrs-include=user.overlay.*"]

    /// The whole of what `layer` has. The digest and size are those of the archive before it was compressed.
    static func pack(_ layer: FilePath, to file: FilePath) throws -> Outbox.Entry.Blob {
        let arguments =
            ["--create", "--file=-", "--directory=\(layer.string)", "--format=posix", "--sort=name"] + attributes
            // Who owns a file is for the machine that takes it; when it was read would differ each time.
            + ["--numeric-owner", "--owner=0", "--group=0", "--pax-option=delete=atime,delete=ctime", "."]
        var ends: [Int32] = [-1, -1]
        let code = runner_pipe(&ends)
        guard code == 0 else { throw SystemFailure("make a pipe", file, -code) }
        defer { close(ends[0]) }
        let tar: TarProcess
        do {
            tar = try TarProcess(arguments, output: ends[1], beside: file)
            close(ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        let target = open(file.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard target >= 0 else {
            let failure = SystemFailure("create", file)
            tar.abandon()
            throw failure
        }
        defer { close(target) }
        do {
            let (digest, bytes) = try Zstandard.compress(ends[0], to: target, name: file)
            try tar.end()
            return Outbox.Entry.Blob(digest: digest, bytes: bytes)
        } catch {
            tar.abandon()
            throw error
        }
    }

    /// A file as it is, compressed likewise.
    static func packFile(_ source: FilePath, to file: FilePath) throws -> Outbox.Entry.Blob {
        let input = open(source.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard input >= 0 else { throw SystemFailure("open", source) }
        defer { close(input) }
        let target = open(file.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard target >= 0 else { throw SystemFailure("create", file) }
        defer { close(target) }
        let (digest, bytes) = try Zstandard.compress(input, to: target, name: file)
        return Outbox.Entry.Blob(digest: digest, bytes: bytes)
    }

    /// Lays an archive out in a directory that is there and empty. Names that lead out of it are not followed: tar takes
    /// off what leads up or to the root, and makes links last.
    static func unpack(_ archive: FilePath, into directory: FilePath) throws {
        let arguments =
            ["--extract", "--file=\(archive.string)", "--directory=\(directory.string)"] + attributes
            + ["--no-same-owner", "--same-permissions", "--delay-directory-restore"]
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        try TarProcess(arguments, output: null, beside: archive).end()
    }
}

/// One run of tar; what it complains of goes into a file, for the one line that is told.
private struct TarProcess {
    private let child: ChildProcess
    private let errors: FilePath

    init(_ arguments: [String], output: Int32, beside file: FilePath) throws {
        guard let program = Programs.find("tar") else { throw SystemFailure("find", "tar", ENOENT) }
        errors = FilePath("\(file).errors")
        let complaints = open(errors.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard complaints >= 0 else { throw SystemFailure("create", errors) }
        defer { close(complaints) }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let launch = Launch(
            executable: program,
            arguments: arguments,
            environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"]
        )
        child = try ChildProcess(launch, input: null, output: output, errors: complaints)
    }

    /// Waits for it; throws what it said.
    func end() throws {
        let code = child.wait()
        defer { unlink(errors.string) }
        guard code != 0 else { return }
        let words = (try? FileSystem.read(errors)).flatMap { $0 }.map {
            String(decoding: $0.prefix(500), as: UTF8.self)
        }
        throw TarFailure(code: code, words: words?.split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
    }

    func abandon() {
        child.killAll()
        _ = child.wait()
        unlink(errors.string)
    }
}

struct TarFailure: Error, CustomStringConvertible {
    let code: Int32
    let words: String

    var description: String { "tar ended with \(code)" + (words.isEmpty ? "" : ": \(words)") }
}
