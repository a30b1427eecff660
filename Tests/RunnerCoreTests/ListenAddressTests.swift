import RunnerCore
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:7800", "127.0.0.1", 7_800, true),
        ("127.1.2.3:0", "127.1.2.3", 0, true),
        ("localhost:80", "localhost", 80, true),
        ("[::1]:65535", "::1", 65_535, true),
        ("0.0.0.0:7800", "0.0.0.0", 7_800, false),
        ("[::]:7800", "::", 7_800, false),
        ("127.example.com:7800", "127.example.com", 7_800, false),
        ("127.0.0.1.example.com:7800", "127.0.0.1.example.com", 7_800, false),
    ])
    func `a host and a port`(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test(arguments: [
        ("7800", "must be `HOST:PORT`", "write `127.0.0.1:7800`"),
        ("localhost", "must be `HOST:PORT`", "write `127.0.0.1:7800`"),
        ("localhost:http", "must be `HOST:PORT`", "write `127.0.0.1:7800`"),
        ("localhost:65536", "must be `HOST:PORT`", "write `127.0.0.1:7800`"),
        (":80", "names no host", "write `127.0.0.1:80` for this machine alone"),
        ("::1:80", "has an IPv6 address without brackets", "write `[::1]:7800`"),
        ("http://host:80", "has no host name or address before the port", "write `127.0.0.1:7800`"),
        ("ho st:80", "has no host name or address before the port", "write `127.0.0.1:7800`"),
    ])
    func `anything else is refused`(text: String, message: String, hint: String) {
        let problem = #expect(throws: TextProblem.self) { try ListenAddress(text) }
        #expect(problem?.message.hasPrefix(message) == true)
        #expect(problem?.hint?.hasPrefix(hint) == true)
    }
}
