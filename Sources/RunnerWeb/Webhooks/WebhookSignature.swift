import Crypto
import FoundationEssentials
import NIOCore

/// A webhook's proof of where it comes from, checked while its body comes, in time that does not tell how near a wrong one
/// was:
///
/// | headers | of | proof |
/// |---|---|---|
/// | `webhook-signature`, `-id`, `-timestamp` | standard-webhooks, GitLab | HMAC over id, time and body; five minutes |
/// | `x-hub-signature-256` | GitHub, Gitea | HMAC over the body |
/// | `x-gitea-signature` | Gitea | HMAC over the body |
/// | `x-gitlab-token` | GitLab | the secret itself |
struct WebhookSignature {
    private enum Proof {
        case mac(HMAC<SHA256>, given: [Data])
        case token(isRight: Bool)
    }

    /// How long deliveries are remembered.
    static let memory = Duration.seconds(86_400)
    private static let longestAge: Double = 300

    private var proof: Proof
    /// What tells this delivery from others, so that it is not taken twice.
    let deliveries: [String]

    /// `nil` without a signature, or with one that is too old.
    init?(headers: [String: String], secret: WebhookSecret, now: Date = Date()) {
        let id = Self.deliveryHeaders.lazy.compactMap { headers[$0] }.first.map { "id \($0.prefix(200))" }
        if let signatures = headers["webhook-signature"] {
            guard let id = headers["webhook-id"], let time = headers["webhook-timestamp"], !id.isEmpty,
                !id.contains("."), let seconds = Int64(time),
                abs(now.timeIntervalSince1970 - Double(seconds)) <= Self.longestAge
            else { return nil }
            var mac = HMAC<SHA256>(key: secret.standardKey)
            mac.update(data: Data("\(id).\(time).".utf8))
            let given = signatures.split(separator: " ").filter { $0.hasPrefix("v1,") }
                .compactMap { Data(base64Encoded: String($0.dropFirst(3))) }
            proof = .mac(mac, given: given)
            deliveries = ["id \(id.prefix(200))"]
        } else if let text = headers["x-hub-signature-256"] ?? headers["x-gitea-signature"] {
            guard let given = Self.bytes(text.hasPrefix("sha256=") ? text.dropFirst(7) : text[...]) else { return nil }
            proof = .mac(HMAC<SHA256>(key: secret.key), given: [given])
            // Ids of these forges are not signed: what is signed tells a copy under another id.
            deliveries = [id, "signature \(given.base64EncodedString())"].compactMap(\.self)
        } else if let token = headers["x-gitlab-token"] {
            let isRight = SHA256.hash(data: Data(token.utf8)) == SHA256.hash(data: Data(secret.text.utf8))
            proof = .token(isRight: isRight)
            deliveries = [id].compactMap(\.self)
        } else {
            return nil
        }
    }

    mutating func update(_ piece: ByteBufferView) {
        guard case .mac(var mac, let given) = proof else { return }
        piece.withUnsafeBytes { mac.update(data: $0) }
        proof = .mac(mac, given: given)
    }

    func isRight() -> Bool {
        switch proof {
        case .token(let isRight): return isRight
        case .mac(let mac, let given):
            let code = mac.finalize()
            // Several signatures while a secret is changed. `==` of a code takes the same time for all.
            return given.map { code == $0 }.contains(true)
        }
    }

    private static let deliveryHeaders = [
        "x-github-delivery", "x-gitea-delivery", "idempotency-key", "x-gitlab-event-uuid",
    ]

    /// Of hexadecimal digits.
    private static func bytes(_ text: Substring) -> Data? {
        guard text.utf8.count == 64 else { return nil }
        var data = Data()
        var rest = text
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            data.append(byte)
            rest = rest.dropFirst(2)
        }
        return data
    }
}
