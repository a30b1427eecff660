import Logging
import RunnerCore
import RunnerEngine
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again on SIGHUP. A bad one is told, and the old one stays.
struct Reloading: Service {
    let engine: Engine
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            ServiceNotice.reloading()
            do {
                try await engine.reload()
                logger.info("configuration reloaded")
            } catch let error as DiagnosticsError {
                let findings = error.diagnostics.map(\.description).joined(separator: "; ")
                logger.error("configuration not reloaded: the old one stays", metadata: ["findings": "\(findings)"])
            } catch {
                logger.error("configuration not reloaded: the old one stays", metadata: ["error": "\(error)"])
            }
            ServiceNotice.ready()
        }
    }
}
