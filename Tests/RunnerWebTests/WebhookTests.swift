import Crypto
import Foundation
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@testable import RunnerWeb

@Suite struct WebhookTests {
    static let body = #"{"ref":"refs/heads/develop"}"#
    static let now = Date(timeIntervalSince1970: 1_700_000_000)

    static func hex(_ text: String, _ key: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(key.utf8)))
            .map { String(format: "%02x", $0) }.joined()
    }

    static func standard(_ id: String, _ time: Int, key: Data, body: String = body) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(id).\(time).\(body)".utf8),
            using: SymmetricKey(data: key)
        )
        return "v1,\(Data(code).base64EncodedString())"
    }

    static let time = 1_700_000_000
    static let standardKey = Data("a key of bytes".utf8)
    static let standardSecret = "whsec_\(standardKey.base64EncodedString())"

    /// GitHub, Gitea, GitLab, standard-webhooks; right ones, and what is wrong with the others.
    static let table: [(name: String, secret: String, headers: [String: String], isRight: Bool)] = [
        ("github", "s", ["x-hub-signature-256": "sha256=\(hex(body, "s"))", "x-github-delivery": "1"], true),
        ("github, another secret", "t", ["x-hub-signature-256": "sha256=\(hex(body, "s"))"], false),
        ("github, another body", "s", ["x-hub-signature-256": "sha256=\(hex("{}", "s"))"], false),
        ("github, cut", "s", ["x-hub-signature-256": "sha256=\(hex(body, "s").dropLast(2))"], false),
        ("github, empty", "s", ["x-hub-signature-256": "sha256="], false),
        ("github, no digits", "s", ["x-hub-signature-256": "sha256=\(String(repeating: "+1", count: 32))"], false),
        ("github, SHA-1 alone", "s", ["x-hub-signature": "sha1=00"], false),
        ("gitea", "s", ["x-gitea-signature": hex(body, "s"), "x-gitea-delivery": "1"], true),
        ("gitea as github", "s", ["x-hub-signature-256": "sha256=\(hex(body, "s"))", "x-gitea-delivery": "1"], true),
        ("gitea, wrong", "s", ["x-gitea-signature": hex(body, "t")], false),
        ("gitlab", "s", ["x-gitlab-token": "s", "x-gitlab-event-uuid": "1"], true),
        ("gitlab, wrong", "s", ["x-gitlab-token": "ss"], false),
        ("gitlab, empty", "s", ["x-gitlab-token": ""], false),
        ("standard", standardSecret, signed(standard("m1", time, key: standardKey)), true),
        ("standard, plain secret", "s", signed(standard("m1", time, key: Data("s".utf8))), true),
        ("standard, two keys", standardSecret, signed("v1,AAAA \(standard("m1", time, key: standardKey))"), true),
        (
            "standard, other version", standardSecret,
            signed("v2" + standard("m1", time, key: standardKey).dropFirst(2)), false
        ),
        (
            "standard, five minutes old", standardSecret,
            signed(standard("m1", time - 300, key: standardKey), at: time - 300), true
        ),
        (
            "standard, older", standardSecret, signed(standard("m1", time - 301, key: standardKey), at: time - 301),
            false
        ),
        (
            "standard, to come", standardSecret, signed(standard("m1", time + 301, key: standardKey), at: time + 301),
            false
        ),
        ("standard, another id", standardSecret, signed(standard("m2", time, key: standardKey)), false),
        ("standard, dot in id", standardSecret, signed(standard("m.1", time, key: standardKey), id: "m.1"), false),
        ("standard, no time", standardSecret, ["webhook-id": "m1", "webhook-signature": "v1,AAAA"], false),
        ("nothing", "s", [:], false),
    ]

    static func signed(_ signature: String, id: String = "m1", at time: Int = time) -> [String: String] {
        ["webhook-id": id, "webhook-timestamp": "\(time)", "webhook-signature": signature]
    }

    @Test(arguments: table)
    func `a signature is right or wrong`(name: String, secret: String, headers: [String: String], isRight: Bool) throws
    {
        let secret = try require(WebhookSecret(Data("\(secret)\n".utf8)))
        var signature = WebhookSignature(headers: headers, secret: secret, now: Self.now)
        signature?.update(.init(Self.body.utf8.prefix(5)))
        signature?.update(.init(Self.body.utf8.dropFirst(5)))
        #expect((signature?.isRight() ?? false) == isRight, "\(name)")
    }

    @Test func `an empty secret proves nothing`() {
        #expect(WebhookSecret(Data("\n".utf8)) == nil)
    }

    /// A site with a repository `web` whose secret is `s`.
    static func run(_ body: @escaping @Sendable (TestSite) async throws -> Void) async throws {
        try await TestSite.run { site in
            let file = site.directory.appending("secret")
            try FileSystem.write(Data("s\n".utf8), to: file)
            for (name, secret) in [("web", file.string), ("deaf", nil), ("lost", "/nonexistent")] {
                try await site.engine.database.put(
                    RepositoryDefinition(name: name, url: "/srv/\(name)", webhookSecretFile: secret),
                    origin: .added
                )
            }
            try await body(site)
        }
    }

    static func deliver(_ site: TestSite, to name: String = "web", _ headers: [String: String]) async throws
        -> HTTPProbe.Answer
    {
        try await site.ask("POST", "/hooks/\(name)", headers: headers.map { ($0.key, $0.value) }, json: body)
    }

    @Test func `a right one is a hint, once`() async throws {
        try await Self.run { site in
            let headers = ["x-hub-signature-256": "sha256=\(Self.hex(Self.body, "s"))", "x-github-delivery": "d1"]
            let first = try await Self.deliver(site, headers)
            #expect(first.status == 202 && first.body.isEmpty)
            #expect(try await Self.deliver(site, headers).status == 409)
            // What is signed is the body alone: another id does not make it new.
            #expect(try await Self.deliver(site, headers.merging(["x-github-delivery": "d2"]) { $1 }).status == 409)
            let gitlab = ["x-gitlab-token": "s", "x-gitlab-event-uuid": "e1"]
            #expect(try await Self.deliver(site, gitlab).status == 202)
            #expect(try await Self.deliver(site, gitlab).status == 409)
            let time = Int(Date().timeIntervalSince1970)
            let standard = Self.signed(Self.standard("m1", time, key: Data("s".utf8)), at: time)
            #expect(try await Self.deliver(site, standard).status == 202)
            #expect(try await Self.deliver(site, standard).status == 409)
            #expect(site.engine.calls == ["hint web", "hint web", "hint web"])
        }
    }

    @Test func `a wrong one, an unknown repository and one without a secret look the same`() async throws {
        try await Self.run { site in
            let right = ["x-hub-signature-256": "sha256=\(Self.hex(Self.body, "s"))"]
            var answers: [HTTPProbe.Answer] = []
            for name in ["deaf", "lost", "unknown"] { answers.append(try await Self.deliver(site, to: name, right)) }
            answers.append(try await Self.deliver(site, ["x-hub-signature-256": "sha256=\(Self.hex(Self.body, "t"))"]))
            answers.append(try await Self.deliver(site, [:]))
            #expect(Set(answers.map(\.status)) == [401])
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(site.engine.calls.isEmpty)
        }
    }

    @Test func `a secret that is changed counts from the next request on`() async throws {
        try await Self.run { site in
            try FileSystem.write(Data("new".utf8), to: site.directory.appending("secret"))
            #expect(try await Self.deliver(site, ["x-gitlab-token": "s"]).status == 401)
            #expect(try await Self.deliver(site, ["x-gitlab-token": "new"]).status == 202)
        }
    }
}
