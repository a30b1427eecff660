import Testing

@testable import RunnerExecution

@Suite struct EnvironmentFileTests {
    private static func read(_ text: String) throws -> [String: String] {
        try EnvironmentFile(text.utf8) { $0 == "PATH" ? "`PATH` may not be set" : nil }.variables
    }

    @Test(arguments: [
        ("", [:]),
        ("A=1", ["A": "1"]),
        ("A=1\nB=2\n", ["A": "1", "B": "2"]),
        ("A=\n", ["A": ""]),
        ("A=b=c d\n", ["A": "b=c d"]),
        ("A= spaces stay \n", ["A": " spaces stay "]),
        ("A=1\nA=2\n", ["A": "2"]),
        ("\n\nA=1\n\n", ["A": "1"]),
        ("A=1\r\nB=2\r\n", ["A": "1", "B": "2"]),
        ("A=\u{301}\n", ["A": "\u{301}"]),
        ("A=\"quoted\"\n", ["A": "\"quoted\""]),
        ("A=x<<y\n", ["A": "x<<y"]),
        ("A<<END\none\ntwo=2\nEND\nB=3\n", ["A": "one\ntwo=2", "B": "3"]),
        ("A<<END\nEND\n", ["A": ""]),
        ("A<<END\n\n\nEND\n", ["A": "\n"]),
        ("A<<END\n END\nEND\n", ["A": " END"]),
        ("A<<E=F\nx\nE=F\n", ["A": "x"]),
        ("A<<END\nB<<END\nEND\n", ["A": "B<<END"]),
        ("_a1=größe\n", ["_a1": "größe"]),
    ])
    func `a file that can be read`(_ text: String, _ variables: [String: String]) throws {
        #expect(try Self.read(text) == variables)
    }

    @Test(arguments: [
        ("A\n", 1, "it is no `NAME=value`"),
        ("A=1\n\nnonsense here\n", 3, "it is no `NAME=value`"),
        ("A<<\nx\n", 1, "`<<` needs an end marker after it"),
        ("B=1\nA<<END\nx\n", 2, "the end marker that it names after `<<` is missing"),
        ("=1\n", 1, "what stands before the value is no variable name (letters, digits and `_`)"),
        ("1A=1\n", 1, "what stands before the value is no variable name (letters, digits and `_`)"),
        ("A B=1\n", 1, "what stands before the value is no variable name (letters, digits and `_`)"),
        ("A-B=1\n", 1, "what stands before the value is no variable name (letters, digits and `_`)"),
        ("grün=1\n", 1, "what stands before the value is no variable name (letters, digits and `_`)"),
        ("<<END\nx\nEND\n", 1, "what stands before the value is no variable name (letters, digits and `_`)"),
        ("A=1\nPATH=/evil\n", 2, "`PATH` may not be set"),
        ("A=1\nB<<E\n1\n2\nE\nPATH<<E\n/evil\nE\n", 6, "`PATH` may not be set"),
    ])
    func `a file with a problem`(_ text: String, _ line: Int, _ message: String) {
        #expect(throws: EnvironmentFile.Problem(line: line, message: message)) { try Self.read(text) }
    }

    @Test func `bytes that are not UTF-8 do no harm`() throws {
        let file = try EnvironmentFile([0x41, 0x3d, 0xff, 0x0a]) { _ in nil }
        #expect(file.variables == ["A": "\u{fffd}"])
    }

    /// A value of many lines must not cost the square of their number.
    @Test(.timeLimit(.minutes(1))) func `a large file is read in good time`() throws {
        let text = (0..<60_000).map { "V\($0)=value" }.joined(separator: "\n")
        #expect(try Self.read(text).count == 60_000)
    }
}
