import Glibc
import RunnerStore
import SystemPackage

/// Tells of commands as they are put into an inbox, until it is stopped.
struct InboxWatch: Sendable {
    let inbox: Inbox
    let stop: StopSignal
    let onCommand: @Sendable (SupervisorCommand) -> Void

    /// Blocks its thread. What lay there before the start is told first.
    func run() {
        let notifications = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        defer { close(notifications) }
        inotify_add_watch(notifications, inbox.path.string, UInt32(IN_MOVED_TO))
        deliver()
        while stop.request == nil {
            var polled = [
                pollfd(fd: notifications, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.fd, events: Int16(POLLIN), revents: 0),
            ]
            // The limit covers a machine without a notification left to give.
            poll(&polled, 2, notifications < 0 ? 200 : 5000)
            var drained = [UInt8](repeating: 0, count: 4096)
            while read(notifications, &drained, drained.count) > 0 {}
            deliver()
        }
    }

    private func deliver() {
        // An inbox that cannot be read is tried again with the next notification.
        guard let received = try? inbox.receive() else { return }
        for case .success(let command) in received { onCommand(command) }
    }
}
