/// One pattern without its `!`, ready to match.
struct Pattern: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case byte(UInt8)
        /// `*`: any bytes but `/`, or none.
        case star
        /// `**`: any bytes, or none.
        case doubleStar
        /// `**/` at the start or after a `/`: any directories with their `/`, or none.
        case directories
    }

    /// The bytes before the first star, compared first: most names differ there.
    private let prefix: [UInt8]
    private let parts: [Part]

    init(_ source: Substring) {
        let bytes = Array(source.utf8)
        let prefix = bytes.prefix { $0 != UInt8(ascii: "*") }
        self.prefix = Array(prefix)
        parts = Self.parts(bytes[prefix.endIndex...], after: prefix.last)
    }

    /// In time proportional to the length of the name times that of the pattern, whatever they are: all places of the
    /// pattern where the name may have got to are followed at once.
    func matches(_ name: some Collection<UInt8>) -> Bool {
        guard name.starts(with: prefix) else { return false }
        var places: [Int] = []
        var next: [Int] = []
        add(0, to: &places)
        for byte in name.dropFirst(prefix.count) {
            // A last `**` takes all that comes.
            if let last = places.last, last == parts.count, parts.last == .doubleStar { return true }
            next.removeAll(keepingCapacity: true)
            for place in places where place < parts.count { step(from: place, over: byte, to: &next) }
            guard !next.isEmpty else { return false }
            swap(&places, &next)
        }
        return places.last == parts.count
    }

    private func step(from place: Int, over byte: UInt8, to next: inout [Int]) {
        let isSlash = byte == UInt8(ascii: "/")
        switch parts[place] {
        case .byte(let wanted):
            if byte == wanted { add(place + 1, to: &next) }
        case .star:
            if !isSlash { add(place, to: &next) }
        case .doubleStar: add(place, to: &next)
        case .directories:
            // Inside a directory's name there is no way on.
            if isSlash { add(place, to: &next) } else { append(place, to: &next) }
        }
    }

    /// Adds a place and those behind it that take no byte.
    private func add(_ place: Int, to places: inout [Int]) {
        append(place, to: &places)
        guard place < parts.count else { return }
        switch parts[place] {
        case .byte: break
        case .star, .doubleStar, .directories: add(place + 1, to: &places)
        }
    }

    /// Places come in rising order, as each is reached from itself or the one before; a lower one is there already.
    private func append(_ place: Int, to places: inout [Int]) {
        if places.last ?? -1 < place { places.append(place) }
    }

    private static func parts(_ bytes: ArraySlice<UInt8>, after previous: UInt8?) -> [Part] {
        var parts: [Part] = []
        var previous = previous
        var rest = bytes
        while let byte = rest.first {
            let stars = rest.prefix { $0 == UInt8(ascii: "*") }.count
            let isAtStart = previous == nil || previous == UInt8(ascii: "/")
            rest = rest.dropFirst(max(stars, 1))
            switch stars {
            case 0: parts.append(.byte(byte))
            case 1: parts.append(.star)
            default:
                let isDirectories = isAtStart && rest.first == UInt8(ascii: "/")
                if isDirectories { rest = rest.dropFirst() }
                // `**/**/` and `**/**` say no more than their last part.
                if parts.last == .directories { parts.removeLast() }
                parts.append(isDirectories ? .directories : .doubleStar)
                previous = UInt8(ascii: isDirectories ? "/" : "*")
                continue
            }
            previous = byte
        }
        return parts
    }
}
