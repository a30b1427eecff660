import RunnerCore
import Testing

@Suite struct StoreEndpointTests {
    @Test(arguments: [
        ("https://s3.example.com", true, "s3.example.com", nil),
        ("https://S3.Example.com/", true, "s3.example.com", nil),
        ("http://127.0.0.1:9000", false, "127.0.0.1", 9000),
        ("https://[::1]:9000", true, "[::1]", 9000),
        ("https://[::1]", true, "[::1]", nil),
    ])
    func `a server is told by scheme, host and port`(text: String, isSecure: Bool, host: String, port: Int?) throws {
        let endpoint = try StoreEndpoint(text)
        #expect(endpoint.isSecure == isSecure && endpoint.host == host && endpoint.port == port)
    }

    @Test(arguments: [
        ("s3.example.com", "must begin with `https://` or `http://`"),
        ("ftp://s3.example.com", "must begin with `https://` or `http://`"),
        ("https://s3.example.com/bucket", "has a path"),
        ("https://s3.example.com?x=1", "has a path"),
        ("https://me:secret@s3.example.com", "has a user in it"),
        ("https://", "names no server"),
        ("https://s3.example.com:99999", "names no server"),
        ("https://s3 .example.com", "names no server"),
        ("https://s3.example.com:0", "names no server"),
        ("https://a\r\nb", "names no server"),
    ])
    func `anything else is refused`(text: String, message: String) {
        let problem = #expect(throws: TextProblem.self) { try StoreEndpoint(text) }
        #expect(problem?.message.hasPrefix(message) == true)
        #expect(problem?.message.contains("secret") == false)
    }
}
