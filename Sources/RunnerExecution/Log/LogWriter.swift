import Glibc
import RunnerStore
import SystemPackage

/// One step's log on disk: the bytes as they came, secrets hidden, and beside it when each line came.
///
/// `NAME.log` is the output; `NAME.idx` has one `LogIndex.Entry` for each piece that was read. Lines of one piece came
/// at one time, so a line's time is that of the last entry at or before its first byte. Memory does not grow with the
/// log: see `StepProcess` for the one buffer.
final class LogWriter {
    private let log: Int32
    private let index: Int32
    private let path: FilePath
    private let limit: Int64
    private var redactor: Redactor
    private var written: Int64 = 0
    private var dropped: Int64 = 0

    init(_ path: FilePath, secrets: SecretPatterns, limit: Int64) throws(SystemFailure) {
        self.path = path
        self.limit = limit
        redactor = Redactor(secrets)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC
        // What lies there may be a link to an earlier run's log, left by a reuse that came to nothing.
        try TreeRemoval.remove(path)
        try TreeRemoval.remove(LogIndex.path(of: path))
        log = try checked("create log", path) { open(path.cString, flags, 0o644) }
        let indexPath = LogIndex.path(of: path)
        index = open(indexPath.cString, flags, 0o644)
        if index < 0 { throw SystemFailure("create log index", indexPath) }
    }

    deinit {
        close(log)
        close(index)
    }

    /// Takes a piece of output in. Throws when the disk takes no more.
    func append(_ bytes: UnsafeRawBufferPointer) throws(SystemFailure) {
        let before = written
        // The closure must not touch `redactor`, so what it changes is handed in and out.
        var sink = Sink(log: log, room: limit - written)
        redactor.redact(bytes, into: { piece in sink.write(piece) })
        try take(sink, since: before)
    }

    /// Writes what was held back as a possible start of a secret, and says what was dropped.
    func finish() throws(SystemFailure) {
        let before = written
        var sink = Sink(log: log, room: limit - written)
        redactor.finish(into: { piece in sink.write(piece) })
        try take(sink, since: before)
        if dropped > 0 {
            let note = "\n[runner: \(dropped) bytes dropped: the log is limited to \(limit) bytes]\n"
            _ = Array(note.utf8).withUnsafeBytes { FileSystem.writeAll($0, to: log) }
        }
    }

    private func take(_ sink: Sink, since before: Int64) throws(SystemFailure) {
        written += sink.written
        dropped += sink.dropped
        if let code = sink.failure { throw SystemFailure("write log", path, code) }
        guard written > before else { return }
        var entry = LogIndex.Entry(offset: before, milliseconds: LogIndex.now())
        let isWritten = withUnsafeBytes(of: &entry) { FileSystem.writeAll($0, to: index) }
        if !isWritten { throw SystemFailure("write log index", path) }
    }

    private struct Sink {
        let log: Int32
        var room: Int64
        var written: Int64 = 0
        var dropped: Int64 = 0
        var failure: Int32?

        init(log: Int32, room: Int64) {
            self.log = log
            self.room = room
        }

        mutating func write(_ bytes: UnsafeRawBufferPointer) {
            let count = min(bytes.count, Int(max(room, 0)))
            dropped += Int64(bytes.count - count)
            guard count > 0, failure == nil else { return }
            if FileSystem.writeAll(UnsafeRawBufferPointer(rebasing: bytes[0..<count]), to: log) {
                written += Int64(count)
                room -= Int64(count)
            } else {
                failure = errno
            }
        }
    }
}
