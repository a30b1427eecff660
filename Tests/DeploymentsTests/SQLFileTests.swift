import RunnerCore
import SystemPackage
import Testing

@testable import Deployments

struct SQLFileTests {
    let scratch: DataScratch

    init() throws { scratch = try DataScratch() }

    @Test func `files are read in the order of their numbers`() throws {
        try scratch.write([
            "m/10_ten.sql": "-- About it.\n-- runner: contract, irreversible\nselect 1;",
            "m/10_ten.down.sql": "select 2;",
            "m/9_nine.up.sql": "-- runner: expand\nselect 1;",
            "m/9_nine.down.sql": "select 3;",
            "m/0011_eleven.sql": "-- runner: no-transaction\nvacuum; commit;",
            "m/README.md": "text",
        ])
        let files = try SQLDirectory.read(scratch.path.appending("m"))
        #expect(files.map(\.id.description) == ["9_nine", "10_ten", "0011_eleven"])
        #expect(files.map(\.marks.kind) == [.expand, .contract, .plain])
        #expect(files.map(\.down) == ["select 3;", nil, nil])
        #expect(files.map(\.marks.runsInTransaction) == [true, true, false])
    }

    @Test(arguments: [
        (["m/users.sql": ""], "`users.sql` is not named as `0001_name.sql`"),
        (["m/1_a.sql": "", "m/01_b.sql": ""], "`01_b` and `1_a` have the same number"),
        (["m/1_a.sql": "", "m/1_a.up.sql": ""], "`1_a` is there twice"),
        (["m/1_a.down.sql": ""], "`1_a` has a way back, and no way there"),
        (["m/1_a.sql": "-- runner: expnad\n"], "`expnad` is none of expand, contract, irreversible, no-transaction"),
        (["m/1_a.sql": "select 1;\nCOMMIT;"], "has `commit` in line 2 of `1_a.sql`"),
        (["m/1_a.sql": "", "m/1_a.down.sql": "begin;"], "has `begin` in line 1 of `1_a.down.sql`"),
        (["n/a": ""], "the artifact has no directory `m`"),
    ])
    func `what is wrong with the files is said before anything runs`(files: [String: String], words: String) throws {
        try scratch.write(files)
        let error = #expect(throws: RunnerError.self) { try SQLDirectory.read(scratch.path.appending("m")) }
        #expect(error?.why?.contains(words) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("select 1; insert into a values (';');\nupdate b set c = 1", ["select 1", "insert 1", "update 2"]),
        ("-- begin;\n/* a /* b; */ begin; */ select 1;", ["select 2"]),
        ("do $$ begin\n null; end; $$; end;", ["do 1", "end 2"]),
        ("create function f() as $a$ begin; $$ commit; $a$; abort", ["create 1", "abort 1"]),
        ("select E'it\\'; begin; ', 'a''; b', \"c;\"\"d\", $1; begin", ["select 1", "begin 1"]),
        ("savepoint a; rollback to a; rollback work to a;", ["savepoint 1", "rollback to 1", "rollback to 1"]),
        ("copy a from stdin;\nit's ;begin\n\\.\nselect 1;", ["copy 1", "select 4"]),
        ("copy a to stdout; select 1;", ["copy 1", "select 1"]),
        ("\\set a 'it''s\nselect 1", ["select 2"]),
    ])
    func `statements are told from what only looks like them`(text: String, words: [String]) {
        var scanner = SQLScanner(text)
        #expect(scanner.firstWords().map { "\($0.word) \($0.line)" } == words)
    }

    @Test func `functions in plain SQL have an end of their own`() throws {
        let text = "create function f() returns int begin atomic\nselect 1;\nend;"
        let marks = try MigrationMarks([])
        try SQLText.check(text, marks, name: "a")
        #expect(throws: TextProblem.self) { try SQLText.check("select 1; end;", marks, name: "a") }
    }

    // MARK: - What is to be done

    private static let sums = ["1_a": "select 1;", "2_b": "select 2;", "3_c": "select 3;", "4_d": "select 4;"]

    private func files(_ ids: [String]) throws -> [SQLFile] {
        try scratch.write(Dictionary(uniqueKeysWithValues: ids.map { ("m/\($0).sql", Self.sums[$0] ?? "select 0;") }))
        return try SQLDirectory.read(scratch.path.appending("m"))
    }

    private func applied(_ ids: [String]) throws -> [AppliedSQL] {
        try ids.map { id in
            let text = Self.sums[id] ?? "select 'other';"
            let file = SQLFile(
                id: try #require(MigrationID(id.replacing("!", with: ""))),
                name: "",
                text: text,
                marks: try MigrationMarks([]),
                down: nil
            )
            return AppliedSQL(id: file.id, checksum: file.checksum, kind: .plain, isReversible: true, version: "v1")
        }
    }

    @Test(arguments: [
        (["1_a", "2_b"], [], ["1_a", "2_b"]), (["1_a", "2_b"], ["1_a"], ["2_b"]),
        (["1_a", "2_b"], ["1_a", "2_b"], []),
        // An older release after a rollback that left the newest.
        (["1_a"], ["1_a", "2_b"], []), ([], ["1_a"], []), ([], [], []),
    ])
    func `what was not applied is pending`(have: [String], had: [String], pending: [String]) throws {
        let plan = SQLPlan(files: have.isEmpty ? [] : try files(have), applied: try applied(had))
        #expect(try plan.pending().map(\.id.description) == pending)
    }

    @Test(arguments: [
        (["1_a", "2_b"], ["1_a!"], "`1_a.sql` was changed after it had been applied"),
        (["1_a", "3_c"], ["1_a", "2_b", "3_c"], "`2_b` was applied by v1 and has no file here"),
        (["1_a", "4_d"], ["1_a", "3_c"], "`3_c` was applied by v1 and has no file here"),
        (["1_a", "2_b", "3_c"], ["1_a", "3_c"], "`2_b` is new, and `3_c` was applied already"),
        (["1_a", "2_b"], ["1_a", "2_x"], "`2_b` is new, and `2_x` was applied already"),
    ])
    func `files that do not fit what was applied are refused`(have: [String], had: [String], words: String) throws {
        let plan = SQLPlan(files: try files(have), applied: try applied(had))
        let error = #expect(throws: RunnerError.self) { try plan.pending() }
        #expect(error?.why?.contains(words) == true, "\(String(describing: error))")
    }
}
