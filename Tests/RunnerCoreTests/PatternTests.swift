import RunnerCore
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("main", "main", true), ("main", "main2", false), ("main", "mai", false), ("*", "main", true),
        ("*", "a/b", false), ("*", "", true), ("**", "a/b", true), ("**", "", true), ("feature/*", "feature/a", true),
        ("feature/*", "feature/a/b", false), ("feature/**", "feature/a/b", true), ("feature/**", "feature", false),
        ("v*", "v1.0.0", true), ("v*", "v", true), ("v*", "v1/evil", false), ("v*", "xv1", false),
        ("*.js", "app.js", true), ("*.js", "src/app.js", false), ("**.js", "src/app.js", true),
        ("**/README.md", "README.md", true), ("**/README.md", "js/a/README.md", true),
        ("**/README.md", "xREADME.md", false), ("**/README.md", "js/xREADME.md", false),
        ("docs/**/*.md", "docs/README.md", true), ("docs/**/*.md", "docs/a/b/c.md", true),
        ("docs/**/*.md", "docs.md", false), ("**/docs/**", "dir/docs/plan/a.txt", true),
        ("**/docs/**", "docs/hello.md", true), ("**/docs/**", "mydocs/hello.md", false),
        ("**/*src/**", "my-src/code/js/app.js", true), ("**/*src/**", "a/src/app.js", true),
        ("**/*-post.md", "my-post.md", true), ("**/migrate-*.sql", "db/sept/migrate-v1.sql", true),
        ("a**/b", "axx/y/b", true), ("a**/b", "a/b", true), ("a**/b", "ab", false), ("**/**/x", "x", true),
        ("**/**", "a/b/c", true), ("a*b*c", "a1b2c", true), ("a*b*c", "a1b/2c", false), ("*a*", "bab", true),
        ("A", "a", false), ("v[0]", "v[0]", true), ("*/*", "a/b", true), ("*/*", "a/b/c", false),
        ("ü*", "über", true), ("\u{e9}", "e\u{301}", false), ("a b*", "a b c", true), ("$(rm)*", "$(rm) x", true),
    ])
    func `one pattern`(pattern: String, name: String, matches: Bool) {
        #expect(PatternList([pattern]).matches(name) == matches)
    }

    @Test(arguments: [
        (["**", "!feature/wip-*"], "feature/wip-1", false), (["**", "!feature/wip-*"], "feature/x", true),
        (["!a", "a"], "a", true), (["a", "!a"], "a", false), (["!a"], "b", false), ([], "a", false),
        (["releases/**", "!releases/**-alpha", "releases/9-alpha"], "releases/9-alpha", true),
        (["releases/**", "!releases/**-alpha", "releases/9-alpha"], "releases/10-alpha", false),
    ])
    func `the last pattern that fits wins`(patterns: [String], name: String, matches: Bool) {
        #expect(PatternList(patterns).matches(name) == matches)
    }

    @Test func `the deciding pattern is told`() {
        let list = PatternList(["**", "!wip-*"])
        #expect(list.decision(for: "wip-1".utf8)?.pattern == "!wip-*")
        #expect(list.decision(for: "wip-1".utf8)?.isMatch == false)
        #expect(PatternList(["a"]).decision(for: "b".utf8) == nil)
    }

    @Test func `names need not be UTF-8`() {
        #expect(PatternList(["src/*.c"]).matches(Array("src/".utf8) + [0xff, 0xfe] + Array(".c".utf8)))
        #expect(!PatternList(["src/*.c"]).matches([0xff]))
    }

    @Test(arguments: ["*a*a*a*a*a*a*a*a*a*a*a*ab", "**a**a**a**a**a**a**a**a**ab", "**/a/**/a/**/a/**/a/b"])
    func `long names take no exponential time`(pattern: String) {
        let unit = pattern.hasPrefix("**/") ? "a/" : "a"
        #expect(!PatternList([pattern]).matches(String(repeating: unit, count: 5_000)))
    }

    @Test func `random patterns match as a plain definition says`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let pattern = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                ["a", "b", "/", "*", "**", "**/"].randomElement(using: &random) ?? "a"
            }.joined()
            let name = (0..<Int.random(in: 0...7, using: &random)).map { _ in
                ["a", "b", "/"].randomElement(using: &random) ?? "a"
            }.joined()
            let expected = Self.plainly(Array(pattern)[...], Array(name)[...], isAtStart: true)
            #expect(PatternList([pattern]).matches(name) == expected, "\(pattern) \(name)")
        }
    }

    /// The definition, with all its backtracking.
    private static func plainly(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>, isAtStart: Bool)
        -> Bool
    {
        guard let first = pattern.first else { return name.isEmpty }
        guard first == "*" else {
            return name.first == first && plainly(pattern.dropFirst(), name.dropFirst(), isAtStart: first == "/")
        }
        let stars = pattern.prefix { $0 == "*" }.count
        let rest = pattern.dropFirst(stars)
        let ends = name.startIndex...name.endIndex
        if stars > 1, isAtStart, rest.first == "/" {
            return ends.contains { end in
                (end == name.startIndex || name[end - 1] == "/")
                    && plainly(rest.dropFirst(), name[end...], isAtStart: true)
            }
        }
        return ends.contains { end in
            (stars > 1 || !name[..<end].contains("/")) && plainly(rest, name[end...], isAtStart: false)
        }
    }

    @Test(arguments: [
        ("", PatternList.Kind.branch, "an empty pattern matches nothing"), ("!", .path, "`!` takes nothing away"),
        ("v?", .tag, "`?` is not known in patterns: there is `*`, `**` and a leading `!`"),
        ("a\\*", .path, "`\\` is not known in patterns: there is `*`, `**` and a leading `!`"),
        ("/main", .branch, "no branch starts with `/`"),
        ("refs/heads/main", .branch, "patterns are for short names, without `refs/heads/`"),
        ("!refs/tags/v*", .tag, "patterns are for short names, without `refs/tags/`"),
        ("/src/**", .path, "paths start at the root of the repository"),
        ("./src", .path, "paths start at the root of the repository"), ("docs/", .path, "no file ends with `/`"),
    ])
    func `patterns that mean nothing are refused`(pattern: String, kind: PatternList.Kind, message: String) {
        #expect(PatternList.problem(in: pattern, kind: kind)?.message == message)
    }

    @Test(arguments: [
        ("v[0-9]+.*", PatternList.Kind.tag, "for versions write `tags: { semver: \">=0.0.0\" }`"),
        ("colou?r", .branch, "write `*`, which stands for any characters but `/`"),
        ("!refs/heads/main", .branch, "write `!main`"), ("docs/", .path, "write `docs/**`"),
        ("./src", .path, "write `src`"),
    ])
    func `a hint says what to write instead`(pattern: String, kind: PatternList.Kind, hint: String) {
        #expect(PatternList.problem(in: pattern, kind: kind)?.hint == hint)
    }

    @Test(arguments: ["main", "feature/**", "!wip-*", "**", "*"], PatternList.Kind.allCases)
    func `good patterns are accepted`(pattern: String, kind: PatternList.Kind) {
        #expect(PatternList.problem(in: pattern, kind: kind) == nil)
    }
}
