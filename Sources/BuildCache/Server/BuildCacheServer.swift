import NIOCore
import NIOHTTP1
import NIOPosix
package import RunnerStore

/// Serves a build cache by Bazel's HTTP protocol on a loopback port, to whoever has the token.
package final class BuildCacheServer: Sendable {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    private typealias Listener = NIOAsyncChannel<Connection, Never>

    /// More wait until one ends.
    static let maximumConnections = 256

    package let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let disk: NIOThreadPool
    /// The loop that accepts; `stop` ends it.
    private let loop: Task<Void, Never>

    private init(port: Int, group: MultiThreadedEventLoopGroup, disk: NIOThreadPool, loop: Task<Void, Never>) {
        self.port = port
        self.group = group
        self.disk = disk
        self.loop = loop
    }

    /// Begins to listen. A connection over which nothing passes for `idle` is closed.
    package static func start(
        _ store: BuildCacheStore,
        token: String,
        idle: Duration = .seconds(30)
    ) async throws -> BuildCacheServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let disk = NIOThreadPool(numberOfThreads: 4)
        disk.start()
        do {
            let listener = try await listen(on: group, idle: TimeAmount(idle))
            guard let port = listener.channel.localAddress?.port else { throw ChannelError.unknownLocalAddress }
            let desk = BuildCacheDesk(store: store, token: token, disk: disk)
            let loop = Task { await serve(listener, desk) }
            return BuildCacheServer(port: port, group: group, disk: disk, loop: loop)
        } catch {
            await end(group, disk)
            throw error
        }
    }

    /// Closes all connections, whatever they do.
    package func stop() async {
        loop.cancel()
        await loop.value
        await Self.end(group, disk)
    }

    private static func end(_ group: MultiThreadedEventLoopGroup, _ disk: NIOThreadPool) async {
        // Threads that do not end now end with the process.
        try? await disk.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    private static func listen(on group: MultiThreadedEventLoopGroup, idle: TimeAmount) async throws -> Listener {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(maximumConnections))
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers(IdleStateHandler(allTimeout: idle), IdleClosing())
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private static func serve(_ listener: Listener, _ desk: BuildCacheDesk) async {
        do {
            try await listener.executeThenClose { connections in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    var open = 0
                    for try await connection in connections {
                        if open == maximumConnections {
                            try await group.next()
                            open -= 1
                        }
                        group.addTask { await desk.serve(connection) }
                        open += 1
                    }
                }
            }
        } catch {
            // Ended by `stop`, or the kernel takes no more connections: builds go on without.
        }
    }
}

/// Closes a connection over which nothing passes.
private final class IdleClosing: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
