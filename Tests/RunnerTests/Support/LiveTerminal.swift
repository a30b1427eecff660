/// A terminal, as far as the live view uses one: what a person would see after the bytes given.
struct LiveTerminal {
    let rows: Int
    let columns: Int
    private(set) var scrolled: [String] = []
    private(set) var isCursorShown = true
    /// True while lines that are too long go on below.
    private(set) var isWrapping = true
    private var cells: [[Character]]
    private var row = 0
    private var column = 0

    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    /// The screen without the blanks at the ends of its lines and below them.
    var screen: [String] {
        var lines = cells.map(Self.trimmed)
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    mutating func take(_ text: String) {
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n": lineFeed()
            case "\u{1b}":
                rest.removeFirst()
                let parameters = String(rest.prefix { !$0.properties.isAlphabetic })
                rest = rest.dropFirst(parameters.unicodeScalars.count)
                if let final = rest.popFirst() { obey(String(final), parameters) }
            default: draw(Character(scalar))
            }
        }
    }

    private mutating func draw(_ character: Character) {
        if column >= columns {
            if isWrapping {
                column = 0
                lineFeed()
            } else {
                column = columns - 1
            }
        }
        cells[row][column] = character
        column += 1
    }

    private mutating func lineFeed() {
        if row < rows - 1 { return row += 1 }
        scrolled.append(Self.trimmed(cells.removeFirst()))
        cells.append(Array(repeating: " ", count: columns))
    }

    private mutating func obey(_ final: String, _ parameters: String) {
        switch final + parameters {
        case "K": clear(row, from: column)
        case "J":
            clear(row, from: column)
            for below in (row + 1)..<max(rows, row + 1) { clear(below, from: 0) }
        case "h?25": isCursorShown = true
        case "l?25": isCursorShown = false
        case "h?7": isWrapping = true
        case "l?7": isWrapping = false
        default: if final == "A" { row = max(0, row - (Int(parameters) ?? 1)) }
        }
    }

    private mutating func clear(_ row: Int, from column: Int) {
        for cell in min(column, columns)..<columns { cells[row][cell] = " " }
    }

    private static func trimmed(_ line: [Character]) -> String {
        String(String(line.reversed().drop { $0 == " " }).reversed())
    }
}
