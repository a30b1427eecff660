import RunnerCore

/// Rows in columns for people: each as wide as its widest cell, the last as long as it comes, or cut where the terminal
/// ends. No frame; nothing that strangers wrote reaches the terminal as they wrote it.
struct TextTable {
    struct Cell {
        let text: String
        let paint: (String) -> String

        init(_ text: String, paint: @escaping (String) -> String = { $0 }) {
            self.text = text.forTerminal
            self.paint = paint
        }
    }

    let header: [String]
    let rows: [[Cell]]
    /// Before each line.
    var indentation = 0

    init(_ header: [String] = [], rows: [[Cell]], indentation: Int = 0) {
        self.header = header
        self.rows = rows
        self.indentation = indentation
    }

    func text(_ paint: Paint, _ layout: TextLayout) -> String {
        let heads = header.map { Cell($0, paint: paint.dim) }
        let all = (heads.isEmpty ? [] : [heads]) + rows
        let widths = (0..<(all.map(\.count).max() ?? 0)).map { column in
            all.map { column < $0.count ? LiveText.width($0[column].text) : 0 }.max() ?? 0
        }
        return all.map { line($0, widths, layout.width) }.joined(separator: "\n")
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ room: Int?) -> String {
        var line = String(repeating: " ", count: indentation)
        var used = indentation
        // What is empty at the end takes no blanks.
        let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
        for (column, cell) in cells.prefix(last + 1).enumerated() where widths[column] > 0 {
            guard column == last else {
                let blanks = String(repeating: " ", count: widths[column] - LiveText.width(cell.text) + 2)
                line += cell.paint(cell.text) + blanks
                used += widths[column] + 2
                continue
            }
            let isCut = column == widths.count - 1
            let text = isCut ? room.map { LiveText.cut(cell.text, to: max(8, $0 - used), ellipsis: "...") } : nil
            line += cell.paint(text ?? cell.text)
        }
        return line
    }
}

extension Console {
    static func table(_ table: TextTable) {
        result(table.text(.ofOutput, .ofOutput))
    }
}
