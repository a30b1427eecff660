import FoundationEssentials
import Glibc
import ObjectServers
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// A small web service that a real daemon deploys: real processes behind a real nginx, in environments of this machine.
///
/// `staging` gets every push to `main`, `production` every `v*` tag. A file `app/broken` makes a release sick, one called
/// `app/slow` makes it answer late.
final class ShopFixture: Sendable {
    enum Style: String, Sendable, CaseIterable, CustomStringConvertible {
        case allAtOnce, rolling, blueGreen, canary, targetCanary

        var description: String { rawValue }

        /// As the file has it.
        var strategy: String {
            switch self {
            case .allAtOnce: "all-at-once"
            case .rolling: "{ rolling: { batch: 1 } }"
            case .blueGreen: "{ blue-green: { keep: 60s } }"
            case .canary, .targetCanary: "{ canary: { steps: [{ weight: 10, hold: 1s }, { weight: 50, hold: 1s }] } }"
            }
        }

        var hasSlots: Bool { self == .blueGreen || self == .canary }
        /// Replaced all at the same time, nobody could be restarted without a gap: its files are read anew instead.
        var restarts: Bool { self != .allAtOnce }
    }

    let served: ServedRepository
    let style: Style
    let mark = RunnerFixture.mark()
    private let ports: [Int]
    private let proxyPorts: [Int]

    var directory: FilePath { served.fixture.directory }
    var repository: FilePath { served.fixture.repository }
    private var nginx: FilePath { directory.appending("nginx") }

    init(_ style: Style, targets: Int = 4, watch: String = "", more: String = "", production: String = "") async throws
    {
        self.style = style
        var ports: [Int] = []
        for _ in 0..<(targets * (style.hasSlots ? 2 : 1)) * 2 { ports.append(try ObjectServer.freePort()) }
        self.ports = ports
        proxyPorts = [try ObjectServer.freePort(), try ObjectServer.freePort()]
        served = try await ServedRepository(Self.files)
        mkdir(nginx.string, 0o755)
        let environments = directory.appending("environments")
        mkdir(environments.string, 0o755)
        for (index, name) in ["staging", "production"].enumerated() {
            let text = environment(
                name,
                Array(ports[(index * ports.count / 2)..<((index + 1) * ports.count / 2)]),
                watch
            )
            try write(text + more + (name == "production" ? production : ""), to: environments.appending("\(name).yml"))
            try write("upstream \(name) { server 127.0.0.1:9; }\n", to: nginx.appending("up-\(name).conf"))
        }
        try write(nginxConfiguration, to: nginx.appending("nginx.conf"))
        let end = try await served.fixture.execute("/usr/sbin/nginx", ["-c", nginx.appending("nginx.conf").string])
        guard end.status == 0 else { throw RunnerFixture.Failure(description: "nginx: \(end.errors)") }
    }

    deinit {
        if let text = try? String(contentsOfFile: nginx.appending("pid").string, encoding: .utf8),
            let pid = Int32(text.split(separator: "\n").first ?? "")
        {
            kill(pid, SIGTERM)
        }
        for entry in Processes.carrying(mark) { kill(entry.pid, SIGKILL) }
    }

    func proxy(of environment: String) -> Int { proxyPorts[environment == "staging" ? 0 : 1] }

    // MARK: - What is there

    private static let files = [
        "pipelines/ci.yml": """
        name: ci
        on: { branches: [main] }
        stages:
          build: { run: "true", artifacts: { app: { paths: ["app/**"] } } }
          staging: { needs: [build], deploy: { environment: staging, artifact: app } }

        """,
        "pipelines/release.yml": """
        name: release
        on: { tags: ["v*"] }
        stages:
          build: { run: "true", artifacts: { app: { paths: ["app/**"] } } }
          production: { needs: [build], deploy: { environment: production, artifact: app } }

        """,
        "pipelines/hotfix.yml": """
        name: hotfix
        on: { branches: ["hotfix/*"] }
        stages:
          build: { run: "true", artifacts: { app: { paths: ["app/**"] } } }
          production: { needs: [build], deploy: { environment: production, artifact: app } }

        """,
        "app/app.py": """
        import http.server, os, sys, time
        place, port = sys.argv[1], int(sys.argv[2])
        # With a third argument each request looks at the link anew, as a server of files does.
        root = place if len(sys.argv) > 3 else os.path.realpath(place)
        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if os.path.exists(root + "/app/slow"): time.sleep(0.4)
                bad = os.path.exists(root + "/app/broken") and (self.path == "/health" or
                    open(root + "/app/broken").read().strip() == "everywhere")
                body = (os.path.basename(os.path.realpath(root)) + chr(10)).encode()
                self.send_response(500 if bad else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *_): pass
        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128
        Server(("127.0.0.1", port), Answers).serve_forever()

        """,
    ]

    private func environment(_ name: String, _ ports: [Int], _ watch: String) -> String {
        let perTarget = style.hasSlots ? 2 : 1
        let targets = (0..<ports.count / perTarget).map { index in
            let path = directory.appending("srv").appending("\(name)-\(index)")
            let place =
                style.hasSlots
                ? "slots: { blue: 127.0.0.1:\(ports[index * 2]), green: 127.0.0.1:\(ports[index * 2 + 1]) }"
                : "address: 127.0.0.1:\(ports[index])"
            return "  t\(index): { path: \(path), \(place) }"
        }
        let conf = nginx.appending("nginx.conf")
        return """
            url: http://127.0.0.1:\(proxy(of: name))
            targets:
            \(targets.joined(separator: "\n"))
            strategy: \(style.strategy)
            release:
              directory:
                restart: |
                  [ ! -e \(directory)/barred ]
                  pid=$RUNNER_CURRENT.pid
                  if [ -e "$pid" ] && kill -0 "$(cat "$pid")" 2>/dev/null; then
                    \(style.restarts ? "kill \"$(cat \"$pid\")\"; while kill -0 \"$(cat \"$pid\")\" 2>/dev/null; do sleep 0.02; done" : "exit 0")
                  fi
                  setsid python3 "$RUNNER_CURRENT/app/app.py" "$RUNNER_CURRENT" "$RUNNER_PORT" \(style.restarts ? "" : "files") \\
                    > "$RUNNER_CURRENT.log" 2>&1 < /dev/null &
                  echo $! > "$pid"
                stop: |
                  [ ! -e "$RUNNER_CURRENT.pid" ] || kill "$(cat "$RUNNER_CURRENT.pid")" 2>/dev/null || true
            variables: { MARK: \(mark) }
            traffic:
              nginx:
                file: \(nginx)/up-\(name).conf
                upstream: \(name)
                test: nginx -t -q -c \(conf)
                reload: nginx -s reload -c \(conf)
              drain: 1s
            health: { http: /health, interval: 1s, timeout: 3s, threshold: 1, deadline: 8s }
            \(watch)

            """
    }

    private var nginxConfiguration: String {
        let servers = zip(["staging", "production"], proxyPorts).map { name, port in
            "  server { listen 127.0.0.1:\(port) backlog=512; location / { proxy_pass http://\(name); } }"
        }
        return """
            pid \(nginx)/pid;
            error_log \(nginx)/error.log;
            worker_processes 2;
            events { worker_connections 512; }
            http {
              access_log off;
              client_body_temp_path \(nginx)/body; proxy_temp_path \(nginx)/proxy; fastcgi_temp_path \(nginx)/fastcgi;
              uwsgi_temp_path \(nginx)/uwsgi; scgi_temp_path \(nginx)/scgi;
              include \(nginx)/up-*.conf;
            \(servers.joined(separator: "\n"))
            }

            """
    }

    func write(_ text: String, to path: FilePath) throws {
        try text.write(toFile: path.string, atomically: false, encoding: .utf8)
    }

    // MARK: - What is done

    /// One more commit on `main`, which goes to staging.
    func push(_ files: [String: String?] = [:], _ message: String = "Change", to branch: String = "main") async throws {
        for (path, text) in files {
            if let text {
                try served.fixture.write(text, to: path)
            } else {
                unlink(repository.pushing(FilePath(path)).string)
            }
        }
        if files.isEmpty { try served.fixture.write("\(UInt64.random(in: 0 ... .max))", to: "app/data") }
        try await served.push(message, to: branch)
    }

    func tag(_ name: String) async throws {
        try await served.fixture.git("tag", name)
        try await served.fixture.git("push", "--quiet", "origin", name)
    }

    /// The newest deployment of an environment, once it has ended or waits for a person.
    @discardableResult
    func end(of environment: String, count: Int, within seconds: Int = 60) async throws -> DeploymentRow {
        try await deployment(of: environment, count: count, within: seconds) { row in
            row.isFinished || row.status == .paused
        }
    }

    /// The so-many-th deployment of an environment, once something holds of it.
    func deployment(
        of environment: String,
        count: Int,
        within seconds: Int = 60,
        _ holds: @Sendable (DeploymentRow) -> Bool
    ) async throws -> DeploymentRow {
        let database = try served.database()
        defer { try? database.close() }
        let limit = ContinuousClock.now + .seconds(seconds)
        var last: DeploymentRow?
        while ContinuousClock.now < limit {
            let rows = try await database.deployments(of: environment, limit: 1000)
            last = rows.count >= count ? rows[rows.count - count] : nil
            if let last, holds(last) { return last }
            try await Task.sleep(for: .milliseconds(20))
        }
        let said = (try? String(contentsOfFile: served.log.string, encoding: .utf8)) ?? ""
        let about = last.map { "\($0.status) \($0.reason ?? "")" } ?? "none"
        throw RunnerFixture.Failure(description: "deployment \(count) of \(environment): \(about)\n\(said)")
    }

    func live(in environment: String) async throws -> String? {
        let database = try served.database()
        defer { try? database.close() }
        return try await database.live().first { $0.environment == environment }?.release.version
    }

    /// What the proxy answers with: the directory of a release.
    func answer(of environment: String) throws -> String? { try RequestLoop.ask(proxy(of: environment), "/") }

    /// Keeps a secret on the server.
    func keep(_ name: String, _ value: String) async throws {
        let script = "printf %s '\(value)' | \(RunnerFixture.program) secret set \(name)"
        let end = try await served.fixture.execute("/bin/sh", ["-c", script])
        guard end.status == 0 else { throw RunnerFixture.Failure(description: "secret: \(end.errors)") }
    }

    @discardableResult
    func runner(_ arguments: String..., status: Int32 = 0, environment: [String: String] = [:]) async throws
        -> RunnerFixture.End
    {
        let end = try await served.fixture.execute(RunnerFixture.program.string, arguments, environment)
        guard end.status == status else {
            throw RunnerFixture.Failure(description: "runner \(arguments): \(end.status) \(end.output)\(end.errors)")
        }
        return end
    }
}
