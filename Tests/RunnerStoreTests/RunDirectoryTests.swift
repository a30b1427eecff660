import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct RunDirectoryTests {
    @Test(arguments: ["test", "lint-2", "a.b_c", "Build", "a"])
    func `a plain name stays`(_ name: String) { #expect(RunDirectory.directoryName(name) == name) }

    @Test(arguments: [
        "", ".", "..", "../../etc", "/etc/passwd", "a/b", "-rf /", "test (linux, 6.3)", "$(touch x)", "new\nline",
        "größe",
        "日本", "a\0b", ".hidden", "lock", "inbox", "run.json", "result.json", "events.jsonl", "supervisor.log",
        String(repeating: "long", count: 100), "²",
    ])
    func `any other name becomes one safe component`(_ name: String) {
        let directory = RunDirectory.directoryName(name)
        #expect(directory.utf8.allSatisfy { (33...126).contains($0) && $0 != UInt8(ascii: "/") }, "\(directory)")
        #expect(!directory.hasPrefix(".") && !directory.hasPrefix("-") && directory.utf8.count <= 100)
        #expect(directory != name)
        #expect(!["lock", "inbox", "run.json", "result.json", "events.jsonl", "supervisor.log"].contains(directory))
    }

    @Test func `different names stay different`() {
        let names = ["a b", "a/b", "a-b", "a  b", "a(b", "A b", "a b ", ".a b"]
        #expect(Set(names.map(RunDirectory.directoryName)).count == names.count)
    }

    @Test func `a log is named after number and step`() {
        let stage = StageDirectory("/runs/1/test")
        #expect(stage.log(step: 0, name: "unit").lastComponent?.string == "01-unit.log")
        #expect(stage.log(step: 98, name: "unit").lastComponent?.string == "99-unit.log")
        #expect(stage.log(step: 99, name: "../x").removingLastComponent() == stage.path)
        #expect(stage.attempt(2).path == "/runs/1/test~2")
    }

    @Test func `numbers are handed out once`() async throws {
        let scratch = try Scratch()
        let state = StateDirectory(scratch.path.appending("state"))
        try state.prepare()
        let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try RunDirectory.create(in: state).number.value } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.sorted() == Array(1...50))
    }

    @Test func `a gap is not filled`() throws {
        let scratch = try Scratch()
        let state = StateDirectory(scratch.path)
        try state.prepare()
        _ = try scratch.directory("runs/7")
        _ = try scratch.directory("runs/other")
        #expect(try RunDirectory.create(in: state).number.value == 8)
    }

    @Test func `an inbox hands out each command once`() throws {
        let scratch = try Scratch()
        let inbox = Inbox(scratch.path)
        try inbox.send(.cancel)
        try scratch.write("", to: scratch.path.appending("zzz.dance"))
        try scratch.write("", to: scratch.path.appending(".half.kill"))
        let received = try inbox.receive()
        #expect(received == [.success(.cancel), .failure(.init(name: "zzz.dance"))])
        #expect(try inbox.receive().isEmpty)
    }

    @Test(
        arguments: [
            (.cancel, "cancel"), (.kill, "kill"), (.grant(RunGrant(slots: 0)), "0-0-0.grant"),
            (.grant(RunGrant(slots: 2, cpu: 1.5, memory: 4 << 30)), "2-1500-4294967296.grant"),
            (.grant(RunGrant(slots: 1, memory: 1)), "1-0-1.grant"),
        ] as [(SupervisorCommand, String)]
    )
    func `a command needs a name and no room`(command: SupervisorCommand, name: String) throws {
        let scratch = try Scratch()
        try Inbox(scratch.path).send(command)
        let names = FileSystem.names(in: scratch.path)
        #expect(names.count == 1 && names[0].hasSuffix(".\(name)"))
        #expect(try text(scratch.path.appending(names[0])) == "")
        #expect(try Inbox(scratch.path).receive() == [.success(command)])
    }

    @Test(arguments: ["grant", "1-2.grant", "1-2--3.grant", "1-2-3-4.grant", "a-0-0.grant", "1-0-0.grant.x", "dance"])
    func `other names are no commands`(name: String) { #expect(SupervisorCommand(name: name) == nil) }

    @Test func `the latest grant is handed out last`() throws {
        let scratch = try Scratch()
        let grants = (0..<20).map { SupervisorCommand.grant(RunGrant(slots: $0)) }
        for grant in grants { try Inbox(scratch.path).send(grant) }
        #expect(try Inbox(scratch.path).receive() == grants.map { .success($0) })
    }

    @Test func `a given number is made once it is free`() throws {
        let scratch = try Scratch()
        let state = StateDirectory(scratch.path)
        try state.prepare()
        let number = try #require(RunNumber(5))
        for _ in 1...2 {
            let directory = try RunDirectory.create(number: number, in: state)
            #expect(FileSystem.isDirectory(directory.inbox) && !directory.hasBegun)
        }
        _ = try scratch.directory("runs/5", ["run.json": "{}"])
        #expect(throws: RunnerError.self) { try RunDirectory.create(number: number, in: state) }
    }

    @Test func `a lock tells who holds it`() throws {
        let scratch = try Scratch()
        let run = RunDirectory(scratch.path, number: try #require(RunNumber(1)))
        #expect(try !run.isSupervised() && run.holder() == nil)
        var lock = try FileLock(run.lock, wait: false)
        #expect(try run.isSupervised() && run.holder() == nil)
        try lock?.write(SupervisorHolder.current().encoded())
        #expect(run.holder()?.pid == getpid() && run.holder()?.exists == true)
        lock = nil
        #expect(try !run.isSupervised())
        let other = SupervisorHolder(pid: getpid(), startedAt: 1, bootID: run.holder()?.bootID ?? "")
        #expect(!other.exists)
    }

    @Test func `a lock is held by one`() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let first = try FileLock(path, wait: false)
        #expect(first != nil)
        #expect(try FileLock(path, wait: false) == nil)
        withExtendedLifetime(first) {}
    }

    @Test func `a record that the disk cut in half spoils no other`() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("events.jsonl")
        let journal = try Journal(path)
        // The end of the largest file that this process may write, beyond what any other test writes.
        let limit = 1 << 40
        try #require(truncate(path.string, limit - 10) == 0)
        var before = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
        signal(SIGXFSZ, SIG_IGN)
        var lowered = rlimit(rlim_cur: rlim_t(limit), rlim_max: before.rlim_max)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &lowered) == 0)
        journal.record(RunRecord(stage: nil, .note("one")))
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
        for text in ["two", "three"] { journal.record(RunRecord(stage: nil, .note(text))) }
        let fd = open(path.string, O_RDONLY | O_CLOEXEC)
        defer { close(fd) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(fd, &bytes, bytes.count, limit - 10)
        let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3 && lines[0].utf8.count == 10)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") }, "\(lines)")
    }
}
