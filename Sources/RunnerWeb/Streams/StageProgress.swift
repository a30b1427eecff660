import FoundationEssentials
import RunnerCore
import RunnerStore
import Synchronization

/// Which steps of a stage have ended, as its events tell while they are written.
final class StageProgress: Sendable {
    private struct State {
        var lines: LineReader
        var ended: [Int: Outcome] = [:]
        var isOver = false
    }

    let file: OpenFile
    private let state: Mutex<State>

    init(_ file: OpenFile) {
        self.file = file
        state = Mutex(State(lines: LineReader(file, from: 0)))
    }

    /// How a step ended; `nil` while it has not.
    func end(of step: Int) throws -> Outcome? {
        try read { $0.ended[step] }
    }

    var isOver: Bool { get throws { try read(\.isOver) } }

    private func read<T: Sendable>(_ value: (State) -> T) throws -> T {
        try state.withLock { state in
            while let line = try state.lines.next() {
                // A line that cannot be understood is from another version.
                guard let record = try? JSON.decode(RunRecord.self, from: Data(line.bytes)) else { continue }
                switch record.happening {
                case .stepFinished(let index, _, let outcome, _, _): state.ended[index] = outcome
                case .stageFinished: state.isOver = true
                default: break
                }
            }
            return value(state)
        }
    }
}

/// The complete lines of a file that grows, one by one.
struct LineReader {
    struct Line {
        let bytes: ArraySlice<UInt8>
        /// Of the byte after its end.
        let end: Int64
    }

    private let file: OpenFile
    /// Of the first byte that is not in `rest`.
    private var offset: Int64
    private var rest: ArraySlice<UInt8> = []

    init(_ file: OpenFile, from offset: Int64) {
        self.file = file
        self.offset = offset
    }

    /// `nil` where no further line is complete yet.
    mutating func next() throws -> Line? {
        while true {
            if let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[..<newline]
                rest = rest[(newline + 1)...]
                return Line(bytes: line, end: offset - Int64(rest.count))
            }
            let more = try file.read(at: offset)
            guard !more.isEmpty else { return nil }
            offset += Int64(more.count)
            rest = rest + more
        }
    }
}
