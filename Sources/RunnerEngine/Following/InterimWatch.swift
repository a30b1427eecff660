import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import FoundationEssentials
import SystemPackage
final class RunWatch: Sendable {
    enum Event: Sendable { case records(RunNumber, [RunRecord], upTo: Int64), ended(RunNumber) }
    let h: @Sendable (Event) -> Void
    init(_ h: @escaping @Sendable (Event) -> Void) { self.h = h }
    func start() {}
    func stop() {}
    func follow(_ d: RunDirectory, from: Int64, supervisor: SupervisorProcess?) {
        BlockingThread.start { [h] in
            var off = Int(from)
            while true {
                let isOver = FileSystem.exists(d.result) || (try? d.isSupervised()) == false && FileSystem.exists(d.events)
                if let data = try? FileSystem.read(d.events), data.count > off {
                    let rest = Array(data[(data.startIndex + off)...])
                    if let last = rest.lastIndex(of: 10) {
                        let recs = rest[..<last].split(separator: 10).compactMap { try? JSON.decode(RunRecord.self, from: Data($0)) }
                        off += last + 1
                        h(.records(d.number, recs, upTo: Int64(off)))
                    }
                }
                if isOver { h(.ended(d.number)); _ = supervisor?.wait(); return }
                usleep(5000)
            }
        }
    }
}
enum RunReckoning {
    static func result(of d: RunDirectory, plan: Plan) -> RunResult { RunResult(number: d.number, outcome: .errored, reason: "no result", startedAt: Date(), seconds: 0, stages: [], peakKibibytes: 0) }
    static func unreadable(_ n: RunNumber, _ r: String) -> RunResult { RunResult(number: n, outcome: .errored, reason: r, startedAt: Date(), seconds: 0, stages: [], peakKibibytes: 0) }
}
enum RunRecords {
    static func read(_ p: FilePath, upTo: Int64) throws -> [RunRecord] {
        guard let data = try FileSystem.read(p) else { return [] }
        return Array(data.prefix(Int(upTo))).split(separator: 10).compactMap { try? JSON.decode(RunRecord.self, from: Data($0)) }
    }
}
