import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// Where forges say that something was pushed. It is only a hint: what is fetched is the truth.
enum HookEndpoints {
    static let all: [Endpoint] = [hook]

    /// What GitHub sends at most.
    private static let largestBody = 25 << 20
    private static let repository = Parameter(.path("repository", .string(1...200), "The repository's name.")) { $0 }

    private static let hook = Endpoint(
        name: "hook",
        method: .post,
        path: RoutePath("/hooks/{repository}"),
        summary: "A webhook of GitHub, Gitea, GitLab or of the standard-webhooks kind: look at the repository soon.",
        access: .signed,
        parameters: [repository.description],
        status: .accepted,
        answers: []
    ) { call in
        let name = try call(repository)
        // An unknown repository takes the same way as a wrong signature, and looks the same.
        let secret = try await secret(of: name, call)
        var signature = WebhookSignature(headers: headers(of: call.request), secret: secret ?? WebhookSecret.unknown())
        var size = 0
        for try await piece in call.request.body {
            size += piece.readableBytes
            guard size <= largestBody else { throw Problem(.contentTooLarge, "the body is too large") }
            signature?.update(piece.readableBytesView)
        }
        guard secret != nil, let signature, signature.isRight() else {
            throw Problem(.unauthorized, "the webhook is not taken")
        }
        for delivery in signature.deliveries {
            let isNew = try await call.site.engine.database.rememberDelivery(
                "\(name)/\(delivery)",
                within: WebhookSignature.memory
            )
            guard isNew else { throw Problem(.conflict, "the webhook is not taken", why: "it was taken before") }
        }
        await call.site.engine.hint(at: name)
        return Response(status: .accepted)
    }

    /// Read for each request: it may be changed while the daemon runs.
    private static func secret(of name: String, _ call: Call) async throws -> WebhookSecret? {
        guard let record = try await call.site.engine.database.repository(named: name),
            let file = record.definition.webhookSecretFile
        else { return nil }
        do {
            return try FileSystem.read(FilePath(file), limit: 64 << 10).flatMap(WebhookSecret.init)
        } catch {
            call.logger.error("cannot read a webhook secret", metadata: ["repository": "\(name)", "error": "\(error)"])
            return nil
        }
    }

    private static func headers(of request: Request) -> [String: String] {
        Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { first, _ in first }
    }
}
