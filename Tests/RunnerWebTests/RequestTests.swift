import Foundation
import RunnerAPI
import RunnerCore
import RunnerWeb
import Testing

@Suite struct RequestTests {
    static let refused: [(method: String, path: String, json: String?, status: UInt, words: String)] = [
        ("GET", "/nope", nil, 404, "there is no such address"),
        ("GET", "/api/v1/runs/", nil, 404, "there is no such address"),
        ("GET", "/api/v1/runs/%00", nil, 404, "there is no such address"),
        ("GET", "/api/v1/runs/zero", nil, 404, "there is no `zero`"),
        ("GET", "/api/v1/runs/0", nil, 404, "there is no `0`"),
        ("GET", "/api/v1/runs/7", nil, 404, "there is no run 7"),
        ("PUT", "/api/v1/runs", nil, 405, "cannot PUT that address"),
        ("GET", "/api/v1/runs?limit=0", nil, 400, "`limit` is 0, not 1 to 1000"),
        ("GET", "/api/v1/runs?limit=1&limit=2", nil, 400, "`limit` is given twice"),
        ("GET", "/api/v1/runs?open=yes", nil, 400, "`open` is a text, not true or false"),
        ("GET", "/api/v1/runs?since=today", nil, 400, "not a time as"),
        ("GET", "/api/v1/runs?outcome=green", nil, 400, "not one of `succeeded`"),
        ("GET", "/api/v1/runs?colour=red", nil, 400, "`colour` is not known"),
        ("GET", "/api/v1/runs?ref=%ff", nil, 400, "cannot be decoded"),
        ("GET", "/api/v1/search", nil, 400, "`text` is missing"),
        ("POST", "/api/v1/runs", nil, 400, "the body is not JSON"),
        ("POST", "/api/v1/runs", "[]", 400, "the body is a list, not an object"),
        ("POST", "/api/v1/runs", "{}", 400, "`pipeline` is missing"),
        (
            "POST", "/api/v1/runs", #"{"pipeline":"ci","inputs":{"a":1}}"#, 400,
            "`inputs.a` is a whole number, not a text"
        ),
        ("POST", "/api/v1/runs", #"{"pipeline":"ci","colour":1}"#, 400, "`colour` is not known"),
        ("POST", "/api/v1/repositories", #"{"name":"a","url":"b","transport":"pigeon"}"#, 400, "not one of `auto`"),
        (
            "POST", "/api/v1/repositories", #"{"name":"a","url":"b","credentials":{"key":"x"}}"#, 400,
            "`credentials.key`"
        ),
        ("POST", "/api/v1/tokens", #"{"name":"a","role":"king"}"#, 400, "not one of `viewer`"),
    ]

    @Test(arguments: refused)
    func `what is wrong with a request is said`(
        method: String,
        path: String,
        json: String?,
        status: UInt,
        words: String
    ) async throws {
        try await TestSite.run { site in
            let answer = try await site.ask(method, path, token: site.token(.admin), json: json)
            #expect(answer.status == status)
            let problem = try answer.problem()
            #expect("\(problem.what) \(problem.why ?? "")".contains(words), "\(problem)")
        }
    }

    @Test func `other bodies than JSON, and too large ones, are not taken`() async throws {
        try await TestSite.run { site in
            let token = try await site.token(.admin)
            let form = try await site.ask(
                "POST",
                "/api/v1/runs",
                token: token,
                headers: [("content-type", "application/x-www-form-urlencoded")],
                json: nil
            )
            #expect(form.status == 400)
            let large = String(repeating: " ", count: 2 << 20)
            #expect(try await site.ask("POST", "/api/v1/runs", token: token, json: large).status == 413)
        }
    }

    @Test func `every answer carries the headers that browsers obey`() async throws {
        try await TestSite.run { site in
            let headers = try await site.ask("GET", "/live").headers
            #expect(headers["x-content-type-options"] == "nosniff")
            #expect(headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(headers["cache-control"] == "no-store")
            #expect(headers["referrer-policy"] == "no-referrer")
        }
    }

    @Test func `a head has no body, and headers have a limit`() async throws {
        try await TestSite.run { site in
            let head = try await site.ask("HEAD", "/live")
            #expect(head.status == 200 && head.body.isEmpty)
            let connection = try RawConnection(socket: site.listening.socket)
            connection.send("GET /live HTTP/1.1\r\nhost: x\r\na: \(String(repeating: "a", count: 20 << 10))\r\n\r\n")
            #expect(connection.receive().contains("400"))
        }
    }
}
