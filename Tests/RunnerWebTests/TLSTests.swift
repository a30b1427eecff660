import RunnerAPI
import RunnerCore
import SystemPackage
import Testing

@Suite struct TLSTests {
    @Test(.enabled(if: Tool.path("openssl") != nil, "openssl is not installed"))
    func `TCP is encrypted with the certificate that is named`() async throws {
        let files = try await Certificate()
        let listen = ServerOptions.Listen(
            address: "127.0.0.1:0",
            tlsCertificate: files.certificate,
            tlsKey: files.key
        )
        try await TestSite.run(listen) { site in
            let token = try await site.token(.viewer)
            let address = site.remote(token, scheme: "https", authorities: files.certificate)
            let page = try await RunnerClient.with(address) { try await $0.runs() }
            #expect(page.items.isEmpty)
            try await RunnerClient.with(site.remote(token, scheme: "https")) { client in
                _ = await #expect(throws: RunnerError.self) { try await client.runs() }
            }
            try await RunnerClient.with(site.remote(token)) { client in
                _ = await #expect(throws: RunnerError.self) { try await client.runs() }
            }
        }
    }

    @Test func `a certificate that cannot be used is named`() async throws {
        let listen = ServerOptions.Listen(
            address: "127.0.0.1:0",
            tlsCertificate: "/nonexistent/c.pem",
            tlsKey: "/nonexistent/k.pem"
        )
        let error = await #expect(throws: RunnerError.self) { try await TestSite.run(listen) { _ in } }
        #expect(error?.what.contains("/nonexistent/c.pem") == true)
    }

    /// One made for 127.0.0.1, good for a day.
    struct Certificate: Sendable {
        let certificate: String
        let key: String

        init() async throws {
            let name = "/tmp/runner-tls-\(UInt64.random(in: .min ... .max))"
            certificate = "\(name).crt"
            key = "\(name).key"
            let result = try await Tool.run(
                try require(Tool.path("openssl")),
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                    certificate,
                ]
            )
            guard result.status == 0 else { throw TestFailure(description: result.text) }
        }
    }
}
