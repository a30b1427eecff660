import Glibc
import RunnerStore
import SystemPackage

/// What a growing log has to say since the last look: by file offset, a buffer at a time.
final class LogTail {
    private let path: FilePath
    private var fd: Int32 = -1
    private var cutter = LineCutter()
    private static let bufferSize = 256 << 10

    init(_ path: FilePath) { self.path = path }

    deinit {
        if fd >= 0 { close(fd) }
    }

    /// Calls `body` with each whole line, its end left away; with `isLast` also with what has no end.
    func lines(isLast: Bool, _ body: (ArraySlice<UInt8>) -> Void) {
        // The event that a step has started may come before its log does.
        if fd < 0 { fd = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard fd >= 0 else { return }
        var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
        while true {
            let count = read(fd, &buffer, buffer.count)
            if count <= 0 { break }
            cutter.take(buffer[..<count], body)
        }
        if isLast { cutter.finish(body) }
    }

    /// The last lines of a finished log, without reading what is before them.
    static func last(_ count: Int, of path: FilePath) -> [String] {
        let fd = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard fd >= 0 else { return [] }
        defer { close(fd) }
        let size = lseek(fd, 0, SEEK_END)
        lseek(fd, max(0, size - off_t(32 << 10)), SEEK_SET)
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        let got = max(0, read(fd, &buffer, buffer.count))
        let lines = buffer.prefix(got).split(separator: UInt8(ascii: "\n")).suffix(count)
        return lines.map { TerminalText.plain($0) }
    }
}
