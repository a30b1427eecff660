import Dispatch
import Glibc
import RunnerEngine
import Synchronization
import SystemPackage

/// Wakes whoever follows files: one inotify descriptor for all, one watch per directory however many look on, and one
/// shared descriptor per file that is read.
final class FileHub: Sendable {
    private struct State {
        /// By watch: whom to wake.
        var watches: [Int32: [Int: Wakes.Signal]] = [:]
        /// Everyone, for what is no change of a file.
        var all: [Int: Wakes.Signal] = [:]
        var followsEngine: Set<Int> = []
        var next = 0
    }

    private let notifications: Int32
    private let state = Mutex(State())
    let files = FileCache()
    /// Used by its own queue and ended in deinit alone.
    private nonisolated(unsafe) let source: (any DispatchSourceRead)?
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// Between two looks at what tells nobody of its changes.
    private static let tick = DispatchTimeInterval.seconds(5)

    init() {
        notifications = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        let queue = DispatchQueue(label: "runner.files")
        source = notifications < 0 ? nil : DispatchSource.makeReadSource(fileDescriptor: notifications, queue: queue)
        timer = DispatchSource.makeTimerSource(queue: queue)
        // A machine without a notification left to give is looked at more often.
        let tick = notifications < 0 ? DispatchTimeInterval.milliseconds(200) : Self.tick
        timer.schedule(deadline: .now() + tick, repeating: tick)
        timer.setEventHandler { [weak self] in self?.wakeAll() }
        timer.activate()
        source?.setEventHandler { [weak self] in self?.readNotifications() }
        source?.setCancelHandler { [notifications] in close(notifications) }
        source?.activate()
    }

    deinit {
        timer.cancel()
        source?.cancel()
    }

    /// - Parameter followsEngine: Wake after each change of a run, too.
    func wakes(followsEngine: Bool = false) -> Wakes {
        let signal = Wakes.Signal()
        let id = state.withLock { state in
            state.next += 1
            state.all[state.next] = signal
            if followsEngine { state.followsEngine.insert(state.next) }
            return state.next
        }
        return Wakes(id: id, signal: signal, hub: self)
    }

    /// Passes changes of runs on, until it is canceled.
    func forward(_ changes: ChangeSignal) async {
        for await _ in changes.changes() {
            let signals = state.withLock { state in state.followsEngine.compactMap { state.all[$0] } }
            for signal in signals { signal.wake() }
        }
    }

    /// `nil` where there is no such directory.
    fileprivate func watch(_ directory: FilePath, for id: Int, _ signal: Wakes.Signal) -> Int32? {
        state.withLock { state in
            let mask = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)
            let watch = inotify_add_watch(notifications, directory.string, mask)
            guard watch >= 0 else { return nil }
            state.watches[watch, default: [:]][id] = signal
            return watch
        }
    }

    fileprivate func unwatch(_ watch: Int32, for id: Int) {
        state.withLock { state in
            state.watches[watch]?[id] = nil
            if state.watches[watch]?.isEmpty == true {
                state.watches[watch] = nil
                inotify_rm_watch(notifications, watch)
            }
        }
    }

    fileprivate func remove(_ id: Int) {
        state.withLock { state in
            state.all[id] = nil
            state.followsEngine.remove(id)
        }
    }

    private func wakeAll() {
        for signal in state.withLock({ Array($0.all.values) }) { signal.wake() }
    }

    private func readNotifications() {
        var changed: Set<Int32> = []
        var isOverflown = false
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
            while let start = buffer.baseAddress {
                let count = read(notifications, start, buffer.count)
                guard count > 0 else { return }
                for (watch, name) in Self.events(UnsafeRawBufferPointer(start: start, count: count)) {
                    if watch < 0 { isOverflown = true }
                    // Written beside each piece of a log: nobody reads it while it grows.
                    if !name.hasSuffix(".idx") { changed.insert(watch) }
                }
            }
        }
        if isOverflown { wakeAll() }
        let signals = state.withLock { state in changed.flatMap { state.watches[$0].map { Array($0.values) } ?? [] } }
        for signal in signals { signal.wake() }
    }

    private static func events(_ bytes: UnsafeRawBufferPointer) -> [(watch: Int32, name: String)] {
        var events: [(Int32, String)] = []
        var offset = 0
        let head = MemoryLayout<inotify_event>.size
        while offset + head <= bytes.count {
            let watch = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            let name = bytes[(offset + head)..<min(offset + head + length, bytes.count)].prefix { $0 != 0 }
            events.append((watch, String(decoding: name, as: UTF8.self)))
            offset += head + length
        }
        return events
    }
}

/// What one follower waits on.
final class Wakes: Sendable {
    /// Several wakes that nobody took in between are one.
    struct Signal: Sendable {
        let stream: AsyncStream<Void>
        private let continuation: AsyncStream<Void>.Continuation

        init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

        func wake() { continuation.yield() }
        func end() { continuation.finish() }
    }

    private let id: Int
    let signal: Signal
    private let hub: FileHub
    private let watch = Mutex<Int32?>(nil)

    init(id: Int, signal: Signal, hub: FileHub) {
        self.id = id
        self.signal = signal
        self.hub = hub
    }

    deinit {
        stopWatching()
        hub.remove(id)
    }

    /// Wakes at changes in this directory, and no more in the one before. What changed earlier is not told.
    func watch(_ directory: FilePath) {
        let new = hub.watch(directory, for: id, signal)
        let old = watch.withLock { watch in
            let old = watch
            watch = new
            return old
        }
        if let old, old != new { hub.unwatch(old, for: id) }
    }

    private func stopWatching() {
        if let watch = watch.withLock({ $0 }) { hub.unwatch(watch, for: id) }
    }
}
