import RunnerCore
import Testing

@Suite struct SemanticVersionTests {
    @Test(arguments: [
        "0.0.0", "1.2.3", "10.20.30", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0-x.7.z.92", "1.0.0-x-y-z.--",
        "1.0.0-alpha+001", "1.0.0+20130313144700", "1.0.0-beta+exp.sha.5114f85", "1.0.0+21AF26D3---117B344092BD",
        "1.0.0-0A.is.legal", "99999999999999999999999.999999999999999999.99999999999999999", "1.0.0-rc.1+build.1",
    ])
    func `a version is read and written back`(text: String) {
        #expect(SemanticVersion(text)?.description == text)
    }

    @Test(arguments: [
        "", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "1.2.3-01", "1.2.3-", "1.2.3-a..b", "1.2.3+",
        "1.2.3+a..b",
        "1.2.3-ä", "v1.2.3", " 1.2.3", "1.2.3 ", "-1.2.3", "1.2.x", "1..3", "1.2.3+a+b", "1.2.3-a_b", "١.٢.٣",
    ])
    func `what is no version is refused`(text: String) {
        #expect(SemanticVersion(text) == nil)
    }

    @Test(arguments: [
        // Section 11 of the specification.
        ["1.0.0", "2.0.0", "2.1.0", "2.1.1"], ["1.0.0-alpha", "1.0.0"],
        [
            "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
        ],
        ["9.0.0", "10.0.0", "99999999999999999999.0.0", "100000000000000000000.0.0"],
        ["1.0.0-2", "1.0.0-10", "1.0.0-99999999999999999999", "1.0.0-A", "1.0.0-a"],
    ])
    func `versions are ordered`(texts: [String]) throws {
        let versions = try texts.map { try #require(SemanticVersion($0)) }
        for (lower, higher) in zip(versions, versions.dropFirst()) {
            #expect(lower < higher)
            #expect(!(higher < lower))
        }
        #expect(versions.reversed().sorted() == versions)
    }

    @Test func `build metadata does not count`() {
        #expect(SemanticVersion("1.0.0+a") == SemanticVersion("1.0.0+b"))
        #expect(SemanticVersion("1.0.0+a")?.build == "a")
    }

    @Test(arguments: [("v1.2.3", true), ("1.2.3", true), ("vv1.2.3", false), ("V1.2.3", false), ("v1.2", false)])
    func `a tag may have one v`(tag: String, isVersion: Bool) {
        #expect((SemanticVersion(tag: tag) != nil) == isVersion)
    }

    @Test(arguments: [
        (">=1.0.0", "1.0.0 2.5.0", "0.9.9 1.0.0-rc.1 2.0.0-rc.1"), (">=1.0.0 <2", "1.0.0 1.9.9", "2.0.0 2.0.0-a 0.1.0"),
        ("<2", "1.9.9 0.0.0", "2.0.0 2.0.0-alpha 3.0.0"), (">1", "2.0.0", "1.0.0 1.9.9"), (">1.2", "1.3.0", "1.2.9"),
        ("<=1", "1.9.9 0.0.1", "2.0.0"), ("<=1.2.3", "1.2.3", "1.2.4"), (">1.2.3", "1.2.4", "1.2.3"),
        ("1", "1.0.0 1.9.9", "2.0.0 0.9.9"), ("1.x", "1.5.0", "2.0.0"), ("1.2.*", "1.2.9", "1.3.0"),
        ("=1.2.3", "1.2.3", "1.2.4"),
        ("1.2.3", "1.2.3 1.2.3+b", "1.2.3-a"), ("*", "0.0.0 9.9.9", "1.0.0-a"), ("x", "1.0.0", "1.0.0-a"),
        ("^1.2", "1.2.0 1.9.0", "1.1.9 2.0.0"), ("^1.2.3", "1.2.3 1.9.9", "1.2.2 2.0.0"), ("^0.2.3", "0.2.9", "0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.4"), ("^0.0", "0.0.9", "0.1.0"), ("^0", "0.9.9", "1.0.0"), ("^1", "1.9.9", "2.0.0"),
        ("~1.2", "1.2.9", "1.3.0"), ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"), ("~1", "1.9.9", "2.0.0"),
        ("1.2.3 || >=2 <3", "1.2.3 2.5.0", "1.2.4 3.0.0"), ("1||3", "1.0.0 3.1.0", "2.0.0"),
        (">= 1.0", "1.0.0", "0.9.0"),
        (">=1.0.0-rc.1", "1.0.0-rc.1 1.0.0-rc.2 1.0.0 1.1.0", "1.1.0-rc.1 1.0.0-beta"),
        ("^1.2.3-beta.2", "1.2.3-beta.4 1.2.4", "1.2.4-beta.2 2.0.0-alpha"),
        ("<1.0.0-b", "1.0.0-a 0.9.0", "0.9.0-a 1.0.0"),
        (">*", "", "0.0.0 1.0.0"), ("<*", "", "0.0.0 1.0.0"), ("<=*", "5.0.0", ""),
        ("<99999999999999999999", "9999999999999999999.9.9", "99999999999999999999.0.0"), ("~9.9", "9.9.9", "9.10.0"),
    ])
    func `a range holds some versions and not others`(range: String, inside: String, outside: String) throws {
        let range = try SemanticVersionRange.parse(range)
        for text in inside.split(separator: " ") {
            #expect(range.contains(try #require(SemanticVersion(text))), "\(text)")
        }
        for text in outside.split(separator: " ") {
            #expect(!range.contains(try #require(SemanticVersion(text))), "\(text)")
        }
    }

    @Test(arguments: [
        ("", "a version is missing", 0), (">=", "a version is missing", 2), ("1 ||", "a version is missing", 4),
        ("|| 1", "a version is missing", 0), ("1 || || 2", "a version is missing", 5),
        ("==1", "unknown comparison `==`", 0),
        (">=1.0.0 <abc", "`abc` is no version", 9), ("1.0.0 - 2.0.0", "`-` is no version", 6),
        (">=v1", "`v1` is no version", 2),
        ("01.2", "`01.2` is no version", 0), ("1.x.3", "`1.x.3` is no version", 0),
        ("1.2-rc", "`1.2-rc` is no version", 0),
        ("1.2.3.x", "`1.2.3.x` is no version", 0), (">= || 1", "a version is missing", 2),
        ("1 | 2", "`|` is no version", 2),
    ])
    func `a range that is none says where`(text: String, message: String, offset: Int) {
        let error = #expect(throws: ExpressionError.self) { try SemanticVersionRange.parse(text) }
        #expect(error?.message == message)
        #expect(error?.offset == offset)
    }
}
