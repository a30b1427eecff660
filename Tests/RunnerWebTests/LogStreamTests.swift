import CLinux
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import Synchronization
import Testing

@testable import RunnerWeb

/// A step's log as it grows, over a real socket.
@Suite struct LogStreamTests {
    /// All pieces until the end.
    static func collect(_ feed: LogFeed) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in feed {
            bytes += piece.bytes
            if piece.end != Int64(bytes.count) { throw TestFailure(description: "a piece ends at \(piece.end)") }
        }
        return bytes
    }

    @Test func `a follower that joins late gets every byte, and the end`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            let early: [UInt8] =
                Array("caf\u{e9}\r\nnul \u{0}\n".utf8) + [0xFF, 0xFE, 0x0A] + Array("€".utf8.prefix(2))
            try run.append(early)
            let stage = RunFixture.stageName.description
            let all = try await site.client { client in
                async let followed = Self.collect(client.followLog(of: run.number, stage: stage, step: 0))
                try run.append(Array("€".utf8.suffix(1)))
                try run.append("late\n")
                try run.endStep()
                return try await followed
            }
            #expect(all == early + Array("€".utf8.suffix(1)) + Array("late\n".utf8))
        }
    }

    @Test func `a follower that comes before the stage waits for it`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            let all = try await site.client { client in
                let feed = client.followLog(of: run.number, stage: RunFixture.stageName.description, step: 0)
                async let followed = Self.collect(feed)
                // Each of the three directories that it may find.
                for make in [{ try FileSystem.makeDirectories(run.directory.path) }, run.makeStage] {
                    try await Task.sleep(for: .milliseconds(50))
                    try make()
                }
                try run.startStep()
                try run.append("hello\n")
                try run.endStep()
                return try await followed
            }
            #expect(all == Array("hello\n".utf8))
        }
    }

    @Test func `a log that is over is read the same way`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            try run.append(String(repeating: "0123456789abcde\n", count: 20_000))
            try run.endStep(0, .failed)
            try await run.finish(.failed)
            try await site.client { client in
                let stage = RunFixture.stageName.description
                let all = try await Self.collect(client.followLog(of: run.number, stage: stage, step: 0))
                #expect(all.count == 320_000)
                // A step that never ran has an end and nothing else.
                #expect(try await Self.collect(client.followLog(of: run.number, stage: stage, step: 1)).isEmpty)
            }
        }
    }

    @Test func `a stream goes on at a byte`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            try run.append("0123456789")
            try run.endStep()
            try await site.client { client in
                let stage = RunFixture.stageName.description
                var rest: [UInt8] = []
                for try await piece in client.followLog(of: run.number, stage: stage, step: 0, from: 4) {
                    rest += piece.bytes
                }
                #expect(rest == Array("456789".utf8))
            }
        }
    }

    @Test func `a follower outlives the daemon, and loses and doubles nothing`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            let stage = RunFixture.stageName.description
            let received = Received()
            try await site.client { client in
                async let followed: Void = received.take(client.followLog(of: run.number, stage: stage, step: 0))
                for round in 0..<3 {
                    try run.append("before \(round)\n")
                    try await until("the piece") { received.bytes.count > round * 17 }
                    try await site.restart()
                    try run.append("after \(round)\n")
                }
                try run.endStep()
                try await followed
            }
            let expected = (0..<3).map { "before \($0)\nafter \($0)\n" }.joined()
            #expect(received.bytes == Array(expected.utf8))
        }
    }

    @Test func `two hundred followers get all, and one that does not read holds nobody back`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            let line = String(repeating: "x", count: 99) + "\n"
            let stage = RunFixture.stageName.description
            let lazy = try RawConnection(socket: site.listening.socket, receiveBuffer: 4096)
            lazy.send(
                """
                GET /api/v1/runs/1/stages/test%20%28sqlite%29/steps/0/log HTTP/1.1\r
                host: x\r
                accept: text/event-stream\r
                \r\n
                """
            )
            try await site.client { client in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<200 {
                        group.addTask {
                            try await Self.collect(client.followLog(of: run.number, stage: stage, step: 0)).count
                        }
                    }
                    for _ in 0..<20 { try run.append(String(repeating: line, count: 100)) }
                    try run.endStep()
                    for try await count in group { #expect(count == 200_000) }
                }
            }
            var received = ""
            while !received.contains("event: end") {
                let piece = lazy.receive()
                guard !piece.isEmpty else { break }
                received += piece
            }
            #expect(received.contains("event: end"))
            #expect(received.split(separator: "x", omittingEmptySubsequences: false).count - 1 >= 198_000)
        }
    }

    @Test func `a thousand followers of one log take little memory, and each gets all`() async throws {
        #expect(runner_raise_descriptor_limit() == 0)
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            let before = ProcessGauges.residentBytes
            let followers = try (0..<1000).map { _ in try RawConnection(socket: site.listening.socket) }
            for follower in followers {
                follower.send(
                    """
                    GET /api/v1/runs/1/stages/test%20%28sqlite%29/steps/0/log HTTP/1.1\r
                    host: x\r
                    accept: text/event-stream\r
                    \r\n
                    """
                )
            }
            for follower in followers { #expect(follower.receive().contains("200 OK")) }
            let line = String(repeating: "x", count: 999) + "\n"
            for _ in 0..<20 { try run.append(line) }
            try run.endStep()
            for follower in followers {
                var text = ""
                while !text.contains("event: end") {
                    let piece = follower.receive()
                    guard !piece.isEmpty else { break }
                    text += piece
                }
                #expect(text.utf8.count { $0 == UInt8(ascii: "x") } >= 19_980 && text.contains("id: 20000\nevent: end"))
            }
            // Both ends and the test's own strings: 100 KB each would already be much.
            #expect(ProcessGauges.residentBytes - before < 100e6)
        }
    }

    @Test func `followers of a stage that is tried again come to the end of their attempt`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            try run.append("first\n")
            let stage = RunFixture.stageName.description
            try await site.client { client in
                var pieces = client.followLog(of: run.number, stage: stage, step: 0).makeAsyncIterator()
                #expect(try await pieces.next()?.bytes == Array("first\n".utf8))
                try run.append("more\n")
                try run.endStep(0, .failed)
                try FileSystem.rename(run.stage.path, to: run.stage.attempt(1).path)
                try run.startStep()
                try run.append("second\n")
                #expect(try await pieces.next()?.bytes == Array("more\n".utf8))
                #expect(try await pieces.next() == nil)
            }
        }
    }
}

/// What has come so far.
private final class Received: Sendable {
    private let pieces = Mutex<[UInt8]>([])

    var bytes: [UInt8] { pieces.withLock { $0 } }

    func take(_ feed: LogFeed) async throws {
        for try await piece in feed { pieces.withLock { $0 += piece.bytes } }
    }
}
