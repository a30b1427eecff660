import RunnerCore
import Testing

@testable import Reports

struct FormatTests {
    @Test func `JUnit: verdicts, reasons, times, and the suite of a test without a class`() throws {
        let report = try ReportFixture(
            """
            <?xml version="1.0"?>
            <testsuites><testsuite name="outer"><testsuite name="inner">
            <testcase name="a" time="1,000.5"/>
            <testcase classname="C" name="b" time="0.1" file="b.py" line="7"><failure message="no &lt;b&gt;">at 7</failure></testcase>
            <testcase classname="C" name="c"><skipped message="later"/></testcase>
            <testcase classname="C" name="d"><error>boom</error><system-out>much</system-out></testcase>
            <testcase classname="C" name="e" status="notrun"/>
            </testsuite></testsuite></testsuites>
            """
        ).tests()
        #expect(report.cases.map(\.id) == ["inner.a", "C.b", "C.c", "C.d", "C.e"])
        #expect(report.cases.map(\.verdict) == [.passed, .failed, .skipped, .failed, .skipped])
        #expect(report.cases.map(\.message) == [nil, "no <b>", "later", nil, nil])
        #expect(report.cases.map(\.output) == [nil, "at 7", nil, "boom", nil])
        #expect(report.cases[1].file == "b.py" && report.cases[1].line == 7)
        #expect(report.slowest(1).map(\.seconds) == [1000.5])
    }

    @Test func `Cobertura: the lines of classes, those of methods once`() throws {
        let fixture = try ReportFixture(
            """
            <!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
            <coverage><packages><package><classes><class filename="a.c">
            <methods><method><lines><line number="1" hits="1"/></lines></method></methods>
            <lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class></classes></package></packages></coverage>
            """
        )
        #expect(try CoberturaReader.read(fixture.file).files == ["a.c": .init(covered: 1, total: 2)])
    }

    @Test func `lcov: a file told twice counts once`() throws {
        let fixture = try ReportFixture(
            "TN:\nSF:a.c\nDA:1,0\nDA:2,0\nend_of_record\nSF:a.c\nDA:1,3\nDA:2,0\nend_of_record\n"
        )
        #expect(try LcovReader.read(fixture.file).files == ["a.c": .init(covered: 1, total: 2)])
    }

    @Test func `SARIF: levels of results and rules, places, suppressions`() throws {
        let report = try ReportFixture(
            #"""
            {"version": "2.1.0", "runs": [{"results": [
            {"ruleId": "R", "message": {"text": "caf\u00e9 \ud83d\ude00"}, "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 4}}},
            {"physicalLocation": {"artifactLocation": {"uri": "b.py"}}}]},
            {"ruleId": "S", "level": "note", "message": {"text": "n"}},
            {"ruleId": "S", "kind": "pass", "message": {"text": "fine"}},
            {"ruleId": "S", "level": "error", "message": {"text": "s"}, "suppressions": [{"kind": "inSource"}]},
            {"ruleId": "T", "message": {"text": "t"}}],
            "tool": {"driver": {"name": "x", "rules": [{"id": "R", "defaultConfiguration": {"level": "error"}}]}}}]}
            """#
        ).findings()
        #expect(report.counts == ["error": 1, "note": 1, "warning": 1])
        let found = report.findings.first { $0.rule == "R" }
        #expect(found?.message == "café 😀" && found?.file == "a.py" && found?.line == 4)
        #expect(report.reason(failOn: .error) == "sarif: 1 finding of level `error` or worse")
        #expect(report.reason(failOn: .note) == "sarif: 3 findings of level `note` or worse")
    }
}
