import RunnerCore
import Testing

@testable import Deployments

struct DatabaseAddressTests {
    @Test(arguments: [
        (
            "postgres://ada:secret@db1:5433/shop",
            ["PGUSER": "ada", "PGPASSWORD": "secret", "PGHOST": "db1", "PGPORT": "5433", "PGDATABASE": "shop"]
        ),
        (
            "postgresql+psycopg2://ada:p%40ss%2F%25@db1/shop",
            ["PGUSER": "ada", "PGPASSWORD": "p@ss/%", "PGHOST": "db1", "PGDATABASE": "shop"]
        ),
        ("postgres://ada:a@b@db1", ["PGUSER": "ada", "PGPASSWORD": "a@b", "PGHOST": "db1"]),
        ("postgres:///shop?host=/run/pg", ["PGDATABASE": "shop", "PGHOST": "/run/pg"]),
        (
            "postgres://db1:1,db2/shop?sslmode=require&target_session_attrs=read-write",
            [
                "PGHOST": "db1,db2", "PGPORT": "1,", "PGDATABASE": "shop", "PGSSLMODE": "require",
                "PGTARGETSESSIONATTRS": "read-write",
            ]
        ),
        ("postgres://[::1]:5433/shop", ["PGHOST": "::1", "PGPORT": "5433", "PGDATABASE": "shop"]),
        (
            #"host = db1 password='it\'s a \\ word'  dbname=shop"#,
            ["PGHOST": "db1", "PGPASSWORD": #"it's a \ word"#, "PGDATABASE": "shop"]
        ),
    ])
    func `a connection string becomes variables`(text: String, variables: [String: String]) throws {
        #expect(try DatabaseAddress(text).variables == variables)
    }

    @Test(arguments: [
        ("mysql://ada:secret@db1/shop", "is no url of PostgreSQL"),
        ("postgres://ada:se%xxcret@db1/shop", "has a `%` in the password that is no percent encoding"),
        ("postgres://ada:secret@db1/shop?sslmod=secret", "has `sslmod`, which libpq does not know"),
        ("secret", "is neither a url nor a list of `keyword=value`"),
    ])
    func `what is wrong is said without a value`(text: String, message: String) throws {
        let problem = #expect(throws: TextProblem.self) { try DatabaseAddress(text) }
        #expect(problem?.message == message)
        #expect(problem?.hint?.contains("secret") != true)
    }

    @Test func `without the variable the usual ones count`() throws {
        let environment = ["PGSERVICE": "shop", "PGHOST": "", "HOME": "/"]
        #expect(try DatabaseAddress(of: environment, variable: "URL").variables == ["PGSERVICE": "shop"])
        #expect(throws: RunnerError.self) { try DatabaseAddress(of: ["HOME": "/"], variable: "URL") }
    }
}
