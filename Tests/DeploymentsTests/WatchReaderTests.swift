import FoundationEssentials
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage
import Testing

@testable import Deployments

@Suite(.timeLimit(.minutes(2)))
struct WatchReaderTests {
    let scratch: DataScratch

    init() throws { scratch = try DataScratch() }

    private func read(
        _ source: WatchRule.Source,
        _ bound: WatchRule.Bound = .above(0),
        timeout: Duration = .seconds(10)
    ) async throws -> WatchReading {
        var reader = WatchReader(environment: "staging", variables: ["GIVEN": "7", "PATH": "/usr/bin:/bin"]) { source in
            source == .p95 ? .value(0.5) : .value(2)
        }
        reader.timeout = timeout
        let rule = WatchRule(name: "rule", source: source, bound: bound)
        let reading = try await reader.read(rule, version: "v1\"2")
        await reader.close()
        return reading
    }

    // MARK: - Prometheus

    /// Its own metrics, and those of a server that has three series.
    private func prometheus(_ metrics: FixedAnswerServer) throws -> (ServerProcess, url: String) {
        let port = try ServerProcess.freePort()
        try scratch.write([
            "prometheus.yml": """
            global: { scrape_interval: 200ms, scrape_timeout: 200ms }
            scrape_configs:
              - job_name: web
                static_configs: [{ targets: ["127.0.0.1:\(metrics.port)"] }]

            """
        ])
        guard let program = Programs.find("prometheus") else {
            throw FixtureFailure(description: "there is no prometheus: scripts/setup test installs it")
        }
        let launch = Launch(
            executable: program,
            arguments: [
                "--config.file=\(scratch.path)/prometheus.yml", "--storage.tsdb.path=\(scratch.path)/data",
                "--web.listen-address=127.0.0.1:\(port)",
            ],
            environment: ["PATH": "/usr/bin:/bin"]
        )
        let server = try ServerProcess(launch, port: port, log: scratch.path.appending("log"))
        return (server, "http://127.0.0.1:\(port)")
    }

    @Test func `a real Prometheus is asked`() async throws {
        let metrics = try FixedAnswerServer(
            """
            error_percent{version="v1\\"2",zone="a"} 1.5
            error_percent{version="v1\\"2",zone="b"} 7
            error_percent{version="v1",zone="a"} 0.5
            requests{zone="a"} 0

            """
        )
        let (server, url) = try prometheus(metrics)
        let mine = "error_percent{version=\"{version}\"}"
        try await waitForData(url)
        let cases: [(String, WatchRule.Bound, WatchReading)] = [
            (mine, .above(5), .value(7)), (mine, .below(1), .value(1.5)),
            ("scalar(max(\(mine)))", .above(5), .value(7)),
            ("\(mine) * 1 + 0 > 100", .above(5), .noData("the query finds no series")),
            ("requests / requests", .above(5), .noData("NaN")),
            ("requests{zone=\"a\"} / 0 or error_percent{version=\"v1\"}", .above(5), .noData("1 of 2 series are NaN")),
            ("requests{zone=\"a\"} / 0 or error_percent{zone=\"b\"}", .above(5), .value(7)),
            ("1 / vector(0)", .above(5), .value(.infinity)),
            ("error_percent[1m]", .above(5), .failed("the query gives a matrix, not a vector or a scalar")),
            ("vector(1) * on(a) {environment}", .above(5), .noData("the query finds no series")),
        ]
        for (query, bound, reading) in cases {
            #expect(try await read(.prometheus(url: url, query: query), bound) == reading, "\(query)")
        }
        guard case .failed(let words) = try await read(.prometheus(url: "\(url)/", query: "sum(")) else {
            Issue.record("a query that is none was answered")
            return
        }
        #expect(words.hasPrefix("status 400: ") && words.contains("parse error"), "\(words)")
        withExtendedLifetime((server, metrics)) {}
    }

    private func waitForData(_ url: String) async throws {
        for _ in 0..<300 {
            let reading = try await read(.prometheus(url: url, query: "count(error_percent)"))
            if reading == .value(3) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw FixtureFailure(description: "prometheus has no data after 15 s")
    }

    @Test func `a provider that is away is no number`() async throws {
        let url = "http://127.0.0.1:\(try ServerProcess.freePort())"
        for source in [WatchRule.Source.prometheus(url: url, query: "up"), .http(url: url, path: "a")] {
            let reading = try await read(source)
            #expect(reading.words.hasPrefix("no answer: ") && reading.words.contains("refused"), "\(reading)")
        }
    }

    // MARK: - JSON over HTTP

    @Test(
        arguments: [
            ("errors.rate", #"{"errors": {"rate": 2.5}}"#, .value(2.5)), ("a.1", #"{"a": [1, "0.5"]}"#, .value(0.5)),
            ("a.2", #"{"a": [1]}"#, .noData("the answer has no number at `a.2`")),
            ("a", #"{"a": null}"#, .noData("the answer has no number at `a`")),
            ("a", #"{"a": true}"#, .noData("the answer has no number at `a`")),
            ("a", #"{"a": "NaN"}"#, .noData("NaN")),
            ("a.b", #"{"a": 1}"#, .noData("the answer has no number at `a.b`")),
            ("a", "<html>", .failed("an answer that is no JSON")), ("a", "", .failed("an answer that is no JSON")),
        ] as [(String, String, WatchReading)]
    )
    func `a number is found in JSON`(path: String, answer: String, reading: WatchReading) async throws {
        let server = try FixedAnswerServer(answer)
        #expect(try await read(.http(url: "http://127.0.0.1:\(server.port)/x", path: path)) == reading)
    }

    @Test(arguments: [("503 Away", "status 503"), ("302 Found", "status 302")])
    func `an answer that is no success is none`(status: String, words: String) async throws {
        let server = try FixedAnswerServer(#"{"a": 1}"#, status: status)
        #expect(try await read(.http(url: "http://127.0.0.1:\(server.port)", path: "a")) == .failed(words))
    }

    @Test func `an answer that does not end is given up`() async throws {
        let dripping = try FixedAnswerServer(#"{"a": 1"#, mode: .drips)
        let url = "http://127.0.0.1:\(dripping.port)"
        let reading = try await read(.http(url: url, path: "a"), timeout: .seconds(1))
        #expect(reading == .failed("no whole answer within 1 s"))
        let flooding = try FixedAnswerServer(#"{"a": 1"#, mode: .floods)
        let flood = try await read(.http(url: "http://127.0.0.1:\(flooding.port)", path: "a"))
        #expect(flood == .failed("an answer of more than 1 MiB"))
    }

    @Test func `a look that is canceled is none`() async throws {
        let silent = try FixedAnswerServer("", mode: .drips)
        let reader = WatchReader(environment: "a", variables: [:]) { _ in .value(0) }
        let rule = WatchRule(
            name: "a",
            source: .http(url: "http://127.0.0.1:\(silent.port)", path: "a"),
            bound: .above(1)
        )
        let task = Task { try await reader.read(rule, version: "v1") }
        await silent.called.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        await reader.close()
    }

    // MARK: - The rest

    @Test(
        arguments: [
            ("echo \"$GIVEN\"", .value(7)), ("echo warned >&2; echo ' 2.5 '", .value(2.5)),
            ("echo -1e3", .value(-1000)),
            ("echo NaN", .noData("NaN")), ("true", .noData("the script printed nothing")),
            ("echo 1; exit 2", .failed("the script ended with exit status 2: 1")),
            ("echo 1 2", .failed("the script printed `1 2\\n`, which is no number")),
            ("echo \"$RUNNER_VERSION\"", .failed("the script printed `v1\"2\\n`, which is no number")),
        ] as [(String, WatchReading)]
    )
    func `a script prints a number`(text: String, reading: WatchReading) async throws {
        #expect(try await read(.command(Script(text))) == reading)
    }

    @Test func `a script that takes too long prints none`() async throws {
        let reading = try await read(.command(Script("echo 1; sleep 1000", timeout: .seconds(1))))
        #expect(reading == .failed("the script took longer than 1 s"))
    }

    @Test func `our own requests are asked of whoever makes them`() async throws {
        #expect(try await read(.p95) == .value(0.5))
        #expect(try await read(.errorRate) == .value(2))
    }
}
