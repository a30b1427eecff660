import CLinux
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// Waits until any of many descriptors can be read.
final class Readable {
    enum Event: Hashable {
        case requests
        case changes
        /// A run's supervisor has ended.
        case end(RunNumber)

        fileprivate var key: UInt64 {
            switch self {
            case .requests: 0
            case .changes: .max
            case .end(let number): UInt64(number.value)
            }
        }

        fileprivate init?(key: UInt64) {
            switch key {
            case 0: self = .requests
            case .max: self = .changes
            default:
                guard let number = Int(exactly: key).flatMap({ RunNumber($0) }) else { return nil }
                self = .end(number)
            }
        }
    }

    private let fd = runner_epoll()

    deinit { close(fd) }

    /// Until the descriptor is closed. False where that cannot be.
    @discardableResult
    func add(_ descriptor: Int32, as event: Event) -> Bool { runner_epoll_add(fd, descriptor, event.key) == 0 }

    /// -1 milliseconds is for ever.
    func wait(milliseconds: Int32) -> [Event] {
        var keys = [UInt64](repeating: 0, count: 64)
        let count = runner_epoll_wait(fd, &keys, Int32(keys.count), milliseconds)
        return keys.prefix(Int(max(0, count))).compactMap { Event(key: $0) }
    }
}

/// Tells whose run directories have changed.
final class DirectoryChanges {
    let fd = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    /// Not all directories are watched: the machine has no notification left to give.
    var isIncomplete: Bool { !unwatched.isEmpty }

    private var numbers: [Int32: RunNumber] = [:]
    private var watches: [RunNumber: Int32] = [:]
    private var unwatched: Set<RunNumber> = []

    deinit {
        if fd >= 0 { close(fd) }
    }

    func watch(_ run: RunDirectory) {
        let watch = inotify_add_watch(fd, run.path.string, UInt32(IN_MODIFY | IN_CREATE))
        guard watch >= 0 else {
            unwatched.insert(run.number)
            return
        }
        numbers[watch] = run.number
        watches[run.number] = watch
    }

    func forget(_ run: RunDirectory) {
        unwatched.remove(run.number)
        guard let watch = watches.removeValue(forKey: run.number) else { return }
        numbers[watch] = nil
        inotify_rm_watch(fd, watch)
    }

    /// Runs that something was written for since the last look; `nil` where the kernel has lost count.
    func take() -> Set<RunNumber>? {
        var changed: Set<RunNumber> = []
        var isLost = false
        let header = MemoryLayout<inotify_event>.size
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
            while true {
                let count = Glibc.read(fd, buffer.baseAddress, buffer.count)
                if count <= 0 { return }
                var place = 0
                while place + header <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
                    if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { isLost = true }
                    if let number = numbers[event.wd] { changed.insert(number) }
                    place += header + Int(event.len)
                }
            }
        }
        return isLost ? nil : changed
    }
}
