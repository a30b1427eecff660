import Crypto
import FoundationEssentials

/// What a forge and we know.
struct WebhookSecret: Sendable {
    let text: String

    /// Of a file; the line's end is no part of it. `nil` for an empty one, which would prove nothing.
    init?(_ file: Data) {
        var text = String(decoding: file, as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty else { return nil }
        self.text = text
    }

    private init(text: String) { self.text = text }

    /// One that nobody knows, so that an unknown repository costs what a known one does.
    static func unknown() -> WebhookSecret { WebhookSecret(text: "\(UInt64.random(in: .min ... .max))") }

    /// For signatures over the body alone.
    var key: SymmetricKey { SymmetricKey(data: Data(text.utf8)) }

    /// As standard-webhooks writes it: `whsec_` and base64, or plain.
    var standardKey: SymmetricKey {
        guard text.hasPrefix("whsec_"), let data = Data(base64Encoded: String(text.dropFirst(6))) else { return key }
        return SymmetricKey(data: data)
    }
}
