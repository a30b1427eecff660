import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import Reports

@Suite(.serialized) struct HostileReportTests {
    @Test(arguments: [
        ("<!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY d \"&b;&b;\">]><testsuite>&d;</testsuite>", "DOCTYPE with decl"),
        ("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><testsuite>&b;</testsuite>", "DOCTYPE with decl"),
        ("<!DOCTYPE a SYSTEM \"a.dtd\"><testsuite>&b;</testsuite>", "an entity is refused"),
        ("<testsuite>&b;</testsuite>", "undefined entity"),
        ("<testsuite><testcase name=\"a\">", "no XML"),
        ("<testsuite><testcase name=\"\u{0}\"/></testsuite>", "no XML"),
        ("<html/>", "`html` is no JUnit"),
        ("", "no XML"),
        (String(repeating: "<testsuite>", count: 65), "deeper than 64"),
    ])
    func `XML that is broken or hostile is refused`(text: String, reason: String) throws {
        let fixture = try ReportFixture(text)
        let problem = #expect(throws: ReportProblem.self) { try fixture.tests() }
        #expect(problem?.message.contains(reason) == true, "\(String(describing: problem))")
    }

    @Test func `a problem has its line and column`() throws {
        let fixture = try ReportFixture(
            Array("<testsuite>\n  <testcase name=\"".utf8) + [0xff] + Array("\"/></testsuite>".utf8)
        )
        let problem = #expect(throws: ReportProblem.self) { try fixture.tests() }
        #expect(problem?.description(in: "r.xml").hasPrefix("r.xml:2:") == true)
    }

    @Test(arguments: [
        ("{\"runs\": [", "ends within"), ("{\"runs\": [}", "not expected"), ("{\"a\" 1}", "not expected"),
        ("{\"runs\": [nul]}", "no value of JSON"), ("{}", "no `runs`"), ("{\"a\": \"\u{1}\"}", "control character"),
        (String(repeating: "[", count: 65), "deeper than 64"), ("{} {}", "not expected"), ("[1,]", "not expected"),
        ("{\"runs\": [" + String(repeating: "1", count: 70), "longer than 64"),
    ])
    func `JSON that is broken or hostile is refused`(text: String, reason: String) throws {
        let fixture = try ReportFixture(text)
        let problem = #expect(throws: ReportProblem.self) { try fixture.findings() }
        #expect(problem?.message.contains(reason) == true, "\(String(describing: problem))")
    }

    @Test(arguments: ["SF:a\nDA:1,1\n", "rubbish\n", "DA:1,1\n", "SF:a\nDA:1\n"])
    func `lcov that is broken is refused`(text: String) throws {
        let fixture = try ReportFixture(text)
        #expect(throws: ReportProblem.self) { try LcovReader.read(fixture.file) }
    }

    @Test func `a link is no report`() throws {
        let fixture = try ReportFixture("<testsuite/>")
        let link = fixture.directory.appending("link.xml")
        #expect(symlink(fixture.file.string, link.string) == 0)
        var report = TestReport()
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try JUnitReader.read(link, into: &report) }
    }

    @Test func `an attribute of 200 MB is refused in little memory`() throws {
        let fixture = try ReportFixture("<testsuite><testcase name=\"")
        try fixture.grow(by: 200 << 20)
        let before = Self.peak()
        let problem = #expect(throws: ReportProblem.self) { try fixture.tests() }
        #expect(problem?.message == "a tag or comment is longer than 1 MiB")
        #expect(Self.peak() - before < 32 << 10)
    }

    @Test func `an output of 64 MB is cut in little memory`() throws {
        let fixture = try ReportFixture("<testsuite><testcase name=\"a\"><failure>")
        try fixture.grow(by: 64 << 20)
        try fixture.append("</failure></testcase></testsuite>")
        let before = Self.peak()
        let report = try fixture.tests()
        #expect(report.cases.first?.output?.utf8.count == ReportLimits.output)
        #expect(Self.peak() - before < 32 << 10)
    }

    @Test func `thousands of suites, tests beyond the limit are counted`() throws {
        let fixture = try ReportFixture("<testsuites>")
        let suite = "<testsuite name=\"s\">" + String(repeating: "<testcase name=\"t\"/>", count: 101) + "</testsuite>"
        try fixture.append(String(repeating: suite, count: 1_000) + "</testsuites>")
        let report = try fixture.tests()
        #expect(report.cases.count == ReportLimits.cases && report.omitted == 1_000)
    }

    /// In KiB, of this process: 0 is `RUSAGE_SELF`.
    private static func peak() -> Int {
        var usage = rusage()
        getrusage(0, &usage)
        return usage.ru_maxrss
    }
}

extension ReportFixture {
    func append(_ text: String) throws {
        let descriptor = try FileDescriptor.open(file, .writeOnly, options: [.append])
        _ = try descriptor.closeAfter { try descriptor.writeAll(text.utf8) }
    }

    /// With the letter `a`.
    func grow(by count: Int) throws {
        let block = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        let descriptor = try FileDescriptor.open(file, .writeOnly, options: [.append])
        try descriptor.closeAfter { for _ in 0..<(count >> 20) { try descriptor.writeAll(block) } }
    }
}
