import RunnerCore

/// Times on the wall's clock as people write them.
enum ClockText {
    /// `09:00` as minutes of the day.
    static func minutes(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), let hour = number(bytes[..<2]), hour < 24,
            let minute = number(bytes[3...]), minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    /// `2026-12-20T18:00`; a day alone is its beginning.
    static func moment(_ text: String) -> String? {
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let day = parts.first, isDay(day), isInCalendar(day) else { return nil }
        let time = parts.count == 2 ? parts[1] : "00:00"
        return minutes(time) == nil ? nil : "\(day)T\(time)"
    }

    /// Whether it has the shape of `2026-12-20`.
    static func isDay(_ text: String) -> Bool { fields(ofDay: text) != nil }

    /// `mon`, or `mon-fri`; `sat-mon` goes over the end of the week.
    static func days(_ text: String) -> [DeployWindow.Day]? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { word in
            DeployWindow.Day.allCases.first { $0.word == word }
        }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2 else { return nil }
        let all = DeployWindow.Day.allCases
        let length = (last.rawValue - first.rawValue + all.count) % all.count
        return (0...length).map { all[(first.rawValue + $0) % all.count] }
    }

    private static func isInCalendar(_ day: String) -> Bool {
        guard let (year, month, day) = fields(ofDay: day), (1...12).contains(month), year >= 1970 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...lengths[month - 1]).contains(day)
    }

    private static func fields(ofDay text: String) -> (year: Int, month: Int, day: Int)? {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count == 10, bytes[4] == dash, bytes[7] == dash, let year = number(bytes[..<4]),
            let month = number(bytes[5..<7]), let day = number(bytes[8...])
        else { return nil }
        return (year, month, day)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}

extension DeployWindow.Day {
    /// As the file has it.
    var word: String {
        switch self {
        case .sunday: "sun"
        case .monday: "mon"
        case .tuesday: "tue"
        case .wednesday: "wed"
        case .thursday: "thu"
        case .friday: "fri"
        case .saturday: "sat"
        }
    }
}
