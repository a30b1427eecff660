import FoundationEssentials
import Glibc
import RunnerExecution
package import RunnerStore
import SystemPackage

/// Reads a run's events as they are written: by file offset, so that coming late or again misses nothing.
package struct RunFollower: Sendable {
    private let directory: RunDirectory

    package init(_ directory: RunDirectory) { self.directory = directory }

    /// Tells every event of the run from the first on, on a thread of its own, until the supervisor has ended.
    package func follow(
        _ supervisor: SupervisorProcess,
        _ onRecord: @escaping @Sendable (RunRecord) -> Void
    ) async {
        let directory = directory
        await BlockingThread.run {
            let reader = EventReader(directory.events)
            let watch = ChangeWatch(directory.path)
            var isOver = false
            while !isOver {
                isOver = watch.wait(orReadable: supervisor.pidfd)
                for record in reader.read() { onRecord(record) }
            }
        }
    }
}

/// What was appended to an events file since the last look.
private final class EventReader {
    private let path: FilePath
    private var fd: Int32 = -1
    private var rest: [UInt8] = []

    init(_ path: FilePath) { self.path = path }

    deinit {
        if fd >= 0 { close(fd) }
    }

    func read() -> [RunRecord] {
        if fd < 0 { fd = open(path.string, O_RDONLY | O_CLOEXEC) }
        guard fd >= 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = Glibc.read(fd, &buffer, buffer.count)
            if count <= 0 { break }
            rest += buffer.prefix(count)
        }
        return takeLines()
    }

    private func takeLines() -> [RunRecord] {
        guard let last = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = rest[..<last].split(separator: UInt8(ascii: "\n"))
        let records = lines.compactMap { line -> RunRecord? in
            // A line that cannot be understood is from another version: skipped here, kept on disk.
            try? JSON.decode(RunRecord.self, from: Data(line))
        }
        rest.removeSubrange(...last)
        return records
    }
}

/// Waits for a file in a directory to change.
private final class ChangeWatch {
    private let fd: Int32

    init(_ directory: FilePath) {
        fd = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        inotify_add_watch(fd, directory.string, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO))
    }

    deinit { close(fd) }

    /// True when the other descriptor became readable.
    func wait(orReadable other: Int32) -> Bool {
        var polled = [
            pollfd(fd: fd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        // The limit covers a machine without a notification left to give.
        poll(&polled, 2, fd < 0 ? 50 : 2000)
        var drained = [UInt8](repeating: 0, count: 16384)
        while Glibc.read(fd, &drained, drained.count) > 0 {}
        return polled[1].revents != 0
    }
}
