import Glibc
import Logging
import Synchronization

/// Says that the daemon serves, to systemd and in the log, once it watches and listens: not before both.
final class Startup: Sendable {
    private struct Progress {
        var watches = false
        var listening: Logger.Metadata?
        var isTold = false
    }

    private let progress = Mutex(Progress())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func watches() {
        progress.withLock { $0.watches = true }
        tell()
    }

    func listens(socket: String, port: Int?) {
        var metadata: Logger.Metadata = ["socket": "\(socket)", "pid": "\(getpid())"]
        if let port { metadata["port"] = "\(port)" }
        progress.withLock { $0.listening = metadata }
        tell()
    }

    private func tell() {
        let metadata = progress.withLock { progress -> Logger.Metadata? in
            guard progress.watches, !progress.isTold, let metadata = progress.listening else { return nil }
            progress.isTold = true
            return metadata
        }
        guard let metadata else { return }
        ServiceNotice.ready()
        logger.info("serving", metadata: metadata)
    }
}
