import HTTPTypes
import Hummingbird
import NIOCore
import RunnerCore
import RunnerStore

/// Finds out who asks, and whether that may be.
struct Gatekeeper: Sendable {
    enum Entrance: Sendable {
        /// Whoever can open the socket is its owner.
        case socket
        /// By token.
        case network(RateLimiter)
    }

    let entrance: Entrance
    let database: RunnerDatabase

    /// Throws where a client asks too often, or with a token that is none.
    func caller(of request: Request, on channel: any Channel) async throws -> Caller {
        switch entrance {
        case .socket: return Caller(name: await PeerCredentials.user(of: channel), role: .admin)
        case .network(let limiter): return try await caller(of: request, on: channel, limiter)
        }
    }

    private func caller(of request: Request, on channel: any Channel, _ limiter: RateLimiter) async throws -> Caller {
        let address = "address \(channel.remoteAddress?.ipAddress ?? "unknown")"
        var caller = Caller(name: "nobody", countedAs: address)
        var isRefused = false
        if let secret = secret(in: request) {
            if let (name, role) = try await database.role(ofToken: secret) {
                caller = Caller(name: name, role: role, countedAs: "token \(name)")
            } else {
                isRefused = true
            }
        }
        if let seconds = caller.countedAs.flatMap({ limiter.take($0) }) {
            throw Problem(
                .tooManyRequests,
                "too many requests",
                why: "\(caller.countedAs ?? caller.name) has used up its requests",
                hint: "again in \(seconds) s",
                headers: [.retryAfter: String(seconds)]
            )
        }
        if isRefused { throw Self.unauthorized(why: "the token is unknown, revoked or too old") }
        return caller
    }

    /// Throws where the caller may not.
    static func check(_ caller: Caller, for access: Endpoint.Access) throws(Problem) {
        guard !caller.may(access) else { return }
        guard let role = caller.role, case .role(let needed) = access else {
            throw unauthorized(why: "there is no token")
        }
        throw Problem(
            .forbidden,
            "`\(caller.name)` may not do that",
            why: "it takes the role `\(needed.rawValue)`, and the token has `\(role.rawValue)`",
            hint: "ask an admin for a token of that role"
        )
    }

    private static func unauthorized(why: String) -> Problem {
        Problem(
            .unauthorized,
            "who are you?",
            why: why,
            hint: "`Authorization: Bearer SECRET`, as made by `runner token create`",
            headers: [.wwwAuthenticate: "Bearer"]
        )
    }

    private func secret(in request: Request) -> String? {
        guard let header = request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : ""
    }
}
