import RunnerAPI
import RunnerCore

/// Logs of a run as they are now, and where each was left off.
struct LogReading {
    let client: RunnerClient
    let run: RunNumber
    let lines: LogLines
    /// Only the last so many lines of all that are chosen.
    let tail: Int?
    /// Somebody goes on following these: of them, a line without an end is left.
    let followed: Set<LogLines.Place>

    private(set) var offsets: [LogLines.Place: Int64] = [:]
    private var kept: [(place: LogLines.Place, line: ArraySlice<UInt8>)] = []

    init(client: RunnerClient, run: RunNumber, lines: LogLines, tail: Int?, followed: Set<LogLines.Place>) {
        (self.client, self.run, self.lines) = (client, run, lines)
        (self.tail, self.followed) = (tail, followed)
    }

    /// Prints the logs of these steps, in order.
    mutating func print(_ places: [LogLines.Place]) async throws {
        for place in places { try await read(place) }
        for entry in kept { lines.write([entry.line], from: entry.place) }
        kept = []
    }

    private mutating func read(_ place: LogLines.Place) async throws {
        var cutter = LineCutter()
        var offset: Int64 = 0
        // The daemon sifts more quickly; but where one goes on after the last byte, every byte has to come.
        let grep = followed.contains(place) ? nil : lines.grep
        for try await bytes in try await client.log(of: run, stage: place.stage, step: place.step, grep: grep) {
            offset += Int64(bytes.count)
            var found: [ArraySlice<UInt8>] = []
            cutter.take(bytes[...]) { if lines.isWanted($0) { found.append($0) } }
            take(found, place)
        }
        if followed.contains(place) {
            offset -= Int64(cutter.pending)
        } else {
            var found: [ArraySlice<UInt8>] = []
            cutter.finish { if lines.isWanted($0) { found.append($0) } }
            take(found, place)
        }
        offsets[place] = offset
    }

    private mutating func take(_ found: [ArraySlice<UInt8>], _ place: LogLines.Place) {
        guard let tail else { return lines.write(found, from: place) }
        // A copy: a slice would hold on to all that came with it.
        kept += found.suffix(tail).map { (place, Array($0)[...]) }
        kept.removeFirst(max(0, kept.count - tail))
    }
}
