import Glibc
import RunnerExecution
import Synchronization
package import SystemPackage

/// Tells when the refs of repositories on this machine may have changed: one inotify descriptor and one thread for all of
/// them. What it says is a hint; whoever hears it looks for himself.
package final class RefWatch: Sendable {
    private struct Watches {
        /// By watch descriptor: whose directory it is, and what of it matters.
        var places: [Int32: Place] = [:]
        /// Whether a directory went unwatched, for want of watches.
        var isShort = false
    }

    private struct Place {
        var key: String
        var path: FilePath
        /// The git directory itself, where only a few names matter.
        var isRoot: Bool
    }

    private let fd: Int32
    private let watches = Mutex(Watches())
    private let onChange: @Sendable (String) -> Void

    private static let interest = UInt32(
        IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_CLOSE_WRITE | IN_ONLYDIR | IN_DONT_FOLLOW
    )

    /// `onChange` gets the key of the repository, on the watch's own thread.
    package init(onChange: @escaping @Sendable (String) -> Void) {
        fd = inotify_init1(Int32(IN_CLOEXEC))
        self.onChange = onChange
    }

    deinit { if fd >= 0 { close(fd) } }

    /// True where some directory could not be watched: then only looking from time to time finds changes.
    package var isShort: Bool { fd < 0 || watches.withLock { $0.isShort } }

    /// Watches the refs of the repository whose common directory is `directory`. Adding it again adds what is new.
    package func add(_ key: String, directory: FilePath) {
        watch(Place(key: key, path: directory, isRoot: true))
        watchTree(key, directory.appending("refs"))
    }

    package func remove(_ key: String) {
        let gone = watches.withLock { watches in
            let gone = watches.places.filter { $0.value.key == key }.map(\.key)
            for descriptor in gone { watches.places[descriptor] = nil }
            return gone
        }
        for descriptor in gone { inotify_rm_watch(fd, descriptor) }
    }

    /// Reads notifications for ever, on a thread of its own.
    package func start() {
        guard fd >= 0 else { return }
        BlockingThread.start { [self] in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = read(fd, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                for key in take(buffer, count) { onChange(key) }
            }
        }
    }

    private func watchTree(_ key: String, _ directory: FilePath) {
        watch(Place(key: key, path: directory, isRoot: false))
        guard let stream = opendir(directory.string) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { FilePath(platformString: $0) }
            }
            guard name.string != ".", name.string != "..", let component = name.lastComponent else { continue }
            watchTree(key, directory.appending(component))
        }
    }

    private func watch(_ place: Place) {
        let descriptor = inotify_add_watch(fd, place.path.string, Self.interest)
        watches.withLock { watches in
            if descriptor >= 0 {
                watches.places[descriptor] = place
            } else if errno == ENOSPC || errno == ENOMEM {
                watches.isShort = true
            }
        }
    }

    /// The keys of the repositories that the notifications are about.
    private func take(_ buffer: [UInt8], _ count: Int) -> Set<String> {
        var changed: Set<String> = []
        buffer.withUnsafeBytes { bytes in
            var offset = 0
            let head = MemoryLayout<inotify_event>.size
            while offset + head <= count {
                let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                let name = bytes[(offset + head)..<min(count, offset + head + Int(event.len))].prefix { $0 != 0 }
                if let key = judge(event, String(decoding: name, as: UTF8.self)) { changed.insert(key) }
                offset += head + Int(event.len)
            }
        }
        return changed
    }

    private func judge(_ event: inotify_event, _ name: String) -> String? {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
            // Anything may have changed.
            for key in Set(watches.withLock { $0.places.values.map(\.key) }) { onChange(key) }
            return nil
        }
        guard let place = watches.withLock({ $0.places[event.wd] }) else { return nil }
        if event.mask & UInt32(IN_IGNORED) != 0 {
            watches.withLock { _ = $0.places.removeValue(forKey: event.wd) }
            return place.key
        }
        if place.isRoot { return name == "packed-refs" || name == "HEAD" ? place.key : nil }
        if event.mask & UInt32(IN_ISDIR) != 0 {
            if event.mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0 { watchTree(place.key, place.path.appending(name)) }
            return place.key
        }
        // A ref is written as `NAME.lock` and renamed.
        return name.hasSuffix(".lock") ? nil : place.key
    }
}
