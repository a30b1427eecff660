import Deployments
import RunnerCore
import SystemPackage

/// A small web server whose paths say how it behaves.
final class AnswerServer: Sendable {
    let server: LoopbackServer
    private let scratch: Scratch

    var address: String { "127.0.0.1:\(server.port)" }

    init(port: Int? = nil) throws {
        scratch = try Scratch()
        let script = try scratch.write(Self.program, to: "answers.py")
        let port = try port ?? Loopback.freePort()
        server = try LoopbackServer("python3", [script.string, "\(port)"], port: port, in: scratch.path)
    }

    private static let program = """
        import sys, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        looks = {}
        texts = {
            "/ok": (200, b"fine"), "/empty": (204, b""), "/down": (503, b"starting\\x1b[31m up\\n  soon"),
            "/moved": (302, b""), "/teapot": (418, b"short and stout"), "/nothing": (200, b"not json {"),
            "/json": (200, b'{"status": "healthy", "checks": {"db": true, "n": 3, "list": [{"a": null}]}, "a.b": 1.5}'),
            "/big": (200, b'{"status": "healthy", "filler": "' + b"x" * (1 << 20) + b'"}'),
        }


        class Answers(BaseHTTPRequestHandler):
            def do_GET(self):
                n = looks[self.path] = looks.get(self.path, 0) + 1
                if self.path == "/never":
                    time.sleep(300)
                if self.path == "/endless":
                    self.send_response(200)
                    self.end_headers()
                    while True:
                        self.wfile.write(b"x")
                        time.sleep(0.05)
                status, text = texts.get(self.path, (404, b"?"))
                if self.path == "/flapping":
                    status = 200 if n % 2 else 503
                if self.path == "/third":
                    status = 200 if n >= 3 else 503
                if self.path == "/quarter":
                    status = 503 if n % 4 == 0 else 200
                self.send_response(status)
                self.send_header("location", "/ok")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                pass


        ThreadingHTTPServer.daemon_threads = True
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()

        """
}

/// An environment with one target `web` at an address, and a check.
func environment(at address: String? = nil, host: DeployTarget.Host = .local) -> DeployEnvironment {
    DeployEnvironment(
        name: "staging",
        targets: [DeployTarget(name: "web", host: host, address: address)],
        release: .directory(DirectoryRelease())
    )
}

/// Makes a look, uses it and closes it.
func withLook<T>(
    at environment: DeployEnvironment,
    _ check: HealthCheck,
    facts: [String: String] = [:],
    _ body: (HealthLook) async throws -> T
) async throws -> T {
    let look = HealthLook(environment, check: check, facts: facts)
    do {
        let value = try await body(look)
        await look.close()
        return value
    } catch {
        await look.close()
        throw error
    }
}
