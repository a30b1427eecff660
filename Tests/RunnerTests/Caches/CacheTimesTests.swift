import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// Modification times of a workspace over many runs, with a real `make`.
@Suite struct CacheTimesTests {
    private let fixture: RunnerFixture

    private static let pipeline = """
        name: ci
        on: { branches: ["**"] }
        stages:
          build:
            cache: [{ key: "build-${{ ref.name }}", fallback: [build-], paths: [out] }]
            run: make -s; stat -c '%n %.9Y' a.src b.src out/a out/b; cat out/a out/b
        """

    init() async throws {
        fixture = try await RunnerFixture([
            "pipelines/ci.yml": Self.pipeline, ".gitignore": "out/\n",
            "Makefile": "all: out/a out/b\nout/%: %.src ; mkdir -p out; cp $< $@; echo built $@\n",
            "a.src": "a1\n", "b.src": "b1\n",
        ])
    }

    private struct Seen: Equatable {
        var built: [String]
        var times: [String: String]
        var output: [String]

        func time(_ name: String) -> Double { times[name].flatMap(Double.init) ?? 0 }
    }

    /// What the stage saw of the run that comes next.
    private func run(_ arguments: [String] = []) async throws -> Seen {
        let end = try await fixture.execute(RunnerFixture.program.string, ["local", "--json"] + arguments)
        try #require(end.status == 0, "\(end.errors)")
        let state = StateDirectory(fixture.state)
        let newest = try #require(FileSystem.names(in: state.runs).compactMap { Int($0) }.max())
        let stage = state.run(try #require(RunNumber(newest))).stage(StageID("build"))
        let log = try #require(FileSystem.names(in: stage.path).first { $0.hasSuffix(".log") })
        let lines = try #require(
            try FileSystem.read(stage.path.appending(log)).map { String(decoding: $0, as: UTF8.self) }
        )
        .split(separator: "\n").map(String.init)
        var seen = Seen(built: [], times: [:], output: [])
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            if words.first == "built" {
                seen.built.append(words[1])
            } else if words.count == 2 {
                seen.times[words[0]] = words[1]
            } else {
                seen.output.append(line)
            }
        }
        return seen
    }

    private func change(_ file: String, _ text: String, _ arguments: [String] = []) async throws -> Seen {
        try fixture.write(text + "\n", to: file)
        try await fixture.commit(text)
        return try await run(arguments)
    }

    @Test(arguments: [[], ["--isolation", "none"]])
    func `a file that changed gets a fresh time once, and keeps it`(_ mode: [String]) async throws {
        let first = try await run(mode)
        let second = try await change("a.src", "a2", mode)
        #expect(second.built == ["out/a"] && second.output == ["a2", "b1"])
        #expect(second.times["b.src"] == first.times["b.src"])
        #expect(second.time("a.src") > first.time("out/b"))
        let third = try await run(mode)
        #expect(third.built.isEmpty && third.times == second.times)
        let fourth = try await change("b.src", "b2", mode)
        #expect(fourth.built == ["out/b"] && fourth.times["a.src"] == second.times["a.src"])
        let fifth = try await run(mode)
        #expect(fifth.built.isEmpty && fifth.times == fourth.times)
    }

    @Test func `going back and sideways rebuilds what differs`() async throws {
        try await fixture.git("tag", "one")
        _ = try await run()
        let second = try await change("a.src", "a2")
        let back = try await run(["--ref", "one"])
        #expect(back.built == ["out/a"] && back.output == ["a1", "b1"])
        #expect(back.time("a.src") > second.time("a.src"))
        // `one` keeps its own cache, over that of the branch.
        let again = try await run(["--ref", "one"])
        #expect(again.built.isEmpty && again.times == back.times)
        try await fixture.git("checkout", "-q", "-b", "side", "one")
        let side = try await change("b.src", "b-side")
        #expect(side.built.contains("out/b") && side.output == ["a1", "b-side"])
        try await fixture.git("checkout", "-q", "main")
        let forth = try await run()
        #expect(forth.output == ["a2", "b1"])
        #expect(try await run().built.isEmpty)
    }

    @Test func `a file that goes and comes again as it was is fresh`() async throws {
        let first = try await run()
        try await fixture.git("mv", "b.src", "c.src")
        try fixture.write("all: out/a\nout/%: %.src ; mkdir -p out; cp $< $@; echo built $@\n", to: "Makefile")
        try fixture.write(Self.pipeline.replacing("a.src b.src", with: "a.src"), to: "pipelines/ci.yml")
        try await fixture.commit("without b")
        _ = try await run()
        try await fixture.git("revert", "--no-edit", "HEAD")
        let seen = try await run()
        #expect(seen.time("b.src") > first.time("out/b") && seen.built == ["out/b"])
        #expect(seen.times["a.src"] == first.times["a.src"])
    }

    /// As after a clock that was set back: what the cache has was written later than now.
    @Test func `a fresh time is later than all that the cache has, whatever the clock says`() async throws {
        _ = try await run()
        let caches = StateDirectory(fixture.state).layers.appending("caches")
        let ahead = Date.now + 10 * 86_400
        for (folder, record) in [("keys", ""), ("entries", "meta.json")] {
            for name in FileSystem.names(in: caches.appending(folder)) {
                let path = caches.appending(folder).pushing(FilePath(record.isEmpty ? name : "\(name)/\(record)"))
                var entry = try #require(try JSON.read(CacheEntry.self, at: path))
                entry.savedAt = ahead
                try JSON.write(entry, to: path)
            }
        }
        let second = try await change("a.src", "a2")
        #expect(second.time("a.src") > ahead.timeIntervalSince1970 && second.built == ["out/a"])
        let third = try await change("a.src", "a3")
        #expect(third.time("a.src") > second.time("a.src") && third.output.suffix(2) == ["a3", "b1"])
    }
}
