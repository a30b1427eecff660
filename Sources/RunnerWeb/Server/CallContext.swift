import Hummingbird
import Logging
import NIOCore

/// What Hummingbird knows of a request beside the request.
struct CallContext: InitializableFromSource {
    let channel: any Channel
    let logger: Logger

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
        logger = source.logger
    }
}
