import CLinux
import Glibc
import RunnerStore
import SystemPackage

/// Both ends of a pipe, each closed once.
final class PipePair {
    private(set) var reader: Int32
    private(set) var writer: Int32

    init(for program: FilePath) throws(SystemFailure) {
        var ends: [Int32] = [-1, -1]
        try checked("make pipe for", program) { runner_pipe(&ends) }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        closeReader()
        closeWriter()
    }

    func closeReader() {
        if reader >= 0 { close(reader) }
        reader = -1
    }

    func closeWriter() {
        if writer >= 0 { close(writer) }
        writer = -1
    }

    /// False at the end, and where there is nothing now that does not block.
    func read(into take: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard reader >= 0 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            var count = Glibc.read(reader, buffer.baseAddress, buffer.count)
            while count < 0, errno == EINTR { count = Glibc.read(reader, buffer.baseAddress, buffer.count) }
            guard count > 0 else { return false }
            take(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            return true
        }
    }
}

extension ContinuousClock.Instant {
    /// For `poll`: rounded up, never negative.
    var millisecondsLeft: Int32 {
        let left = ContinuousClock.now.duration(to: self).components
        return Int32(clamping: max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1))
    }
}
