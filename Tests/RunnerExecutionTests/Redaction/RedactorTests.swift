import Testing

@testable import RunnerExecution

@Suite struct RedactorTests {
    @Test(arguments: [
        (["hunter2"], "pass hunter2 word", "pass *** word"),
        (["hunter2"], "hunter2hunter2", "***"),
        (["hunter2"], "hunter", "hunter"),
        (["hunter2", "hunter2-more"], "hunter2-more hunter2-mor", "*** ***-mor"),
        (["this is the end", "en foobar", "en ba"], "a this is the en foobar", "a this is the ***"),
        (["this is the end", "end foobar"], "a this is the end foobar", "a ***"),
        (["this is the en", "en foobar", "s the"], "a this is the en foobar this the", "a *** thi***"),
        (["aaaaaaaa"], "aaaaaaa aaaaaaaaaaaaaaaaaaaaaaaa b", "aaaaaaa *** b"),
        ([], "nothing to hide", "nothing to hide"),
        (["schlüssel🔑wort"], "x schlüssel🔑wort y", "x *** y"),
    ])
    func `secrets are masked, overlaps once`(secrets: [String], text: String, expected: String) {
        #expect(redacted(text, secrets) == expected)
    }

    @Test func `every cut of a stream gives the same bytes`() {
        let stream = Array("a hunter2 hunt hunter2hunter22 hunter2-tail, aHVudGVyMg== end hunter".utf8)
        let patterns = SecretPatterns(["hunter2", "hunter2-tail", "2hunter22"])
        let whole = redacted([stream], patterns)
        for first in 0...stream.count {
            for second in first...stream.count {
                let chunks = [stream[..<first], stream[first..<second], stream[second...]].map { Array($0) }
                #expect(redacted(chunks, patterns) == whole)
            }
        }
        #expect(redacted(stream.map { [$0] }, patterns) == whole)
        #expect(whole == Array("a *** hunt *** ***, ***g== end hunter".utf8))
    }

    @Test(arguments: 1...40)
    func `random streams in random chunks equal the naive search`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // Few letters make many near-matches and overlaps.
        let letters = Array("ab/+\n".utf8).prefix(seed % 2 == 0 ? 2 : 5)
        func random(_ count: Int) -> [UInt8] {
            (0..<count).compactMap { _ in letters.randomElement(using: &generator) }
        }
        let secrets = (0..<4).map { _ in random(Int.random(in: 4...14, using: &generator)) }
        let forms = secrets.flatMap { SecretForms.patterns(of: $0) }
        var stream: [UInt8] = []
        while stream.count < 600 {
            stream += random(Int.random(in: 0...20, using: &generator))
            if let form = forms.randomElement(using: &generator), form.count < 40 {
                stream += form.prefix(Int.random(in: 1...40, using: &generator))
            }
        }
        var chunks: [[UInt8]] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...30, using: &generator)
            chunks.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let patterns = SecretPatterns(secrets.map { (name: "S", value: $0) })
        #expect(redacted(chunks, patterns) == naivelyRedacted(stream, Array(Set(forms))))
    }

    @Test func `only what may become a secret is held back`() {
        var redactor = Redactor(SecretPatterns(["hunter2", "unterwegs"]))
        var output: [UInt8] = []
        for (chunk, passed) in [
            ("Password: ", "Password: "), ("a hunt", "Password: a "), ("er", "Password: a "),
            ("x", "Password: a hunterx"), ("hunter2", "Password: a hunterx***"),
        ] {
            Array(chunk.utf8).withUnsafeBytes { redactor.redact($0) { output += $0 } }
            #expect(String(decoding: output, as: UTF8.self) == passed)
        }
        #expect(redactor.heldCount == 0)
    }

    @Test func `a finished redactor starts anew`() {
        var redactor = Redactor(SecretPatterns(["hunter2"]))
        var output: [UInt8] = []
        for chunk in ["hunter", "2"] {
            Array(chunk.utf8).withUnsafeBytes { redactor.redact($0) { output += $0 } }
            redactor.finish { output += $0 }
        }
        #expect(String(decoding: output, as: UTF8.self) == "hunter2")
    }

    @Test func `an error of the output comes through`() {
        struct Full: Error {}
        var redactor = Redactor(SecretPatterns(["hunter2"]))
        #expect(throws: Full.self) {
            try Array("hello".utf8).withUnsafeBytes { try redactor.redact($0) { _ throws(Full) in throw Full() } }
        }
    }

    @Test func `near-matches of a long secret take no more time than their length`() {
        let secret = [UInt8](repeating: 0x61, count: 4096) + [0x62]
        let stream = [UInt8](repeating: 0x61, count: 300_000)
        let patterns = SecretPatterns([(name: "S", value: secret)])
        #expect(redacted([stream], patterns) == stream)
        #expect(redacted([stream, [0x62]], patterns) == stream.dropLast(4096) + Array("***".utf8))
    }

    @Test func `bytes that are no text are masked`() {
        let secret: [UInt8] = [0xFF, 0, 0x80, 0xC3, 0x28, 0, 0xFE]
        let stream = [0, 0xFF, 0] + secret + [0xFF, 0]
        #expect(
            redacted([stream], SecretPatterns([(name: "S", value: secret)]))
                == [0, 0xFF, 0] + Array("***".utf8) + [0xFF, 0]
        )
    }

    @Test func `a thousand secrets are masked`() {
        var generator = SeededGenerator(seed: 7)
        let secrets: [[UInt8]] = (0..<1000).map { _ in
            (0..<16).map { _ in UInt8.random(in: 0x21...0x7E, using: &generator) }
        }
        let patterns = SecretPatterns(secrets.map { (name: "S", value: $0) })
        let stream = Array(secrets.joined(separator: [0x0A]))
        #expect(redacted([stream], patterns) == Array(repeatElement("***", count: 1000).joined(separator: "\n").utf8))
    }
}
