/// Why a report cannot be read, and where: lines and columns count from 1.
package struct ReportProblem: Error, Equatable, Sendable {
    package var line: Int
    package var column: Int
    package var message: String

    package init(line: Int, column: Int, _ message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// `results.xml:3:14: ...`
    package func description(in file: String) -> String { "\(ReportText.line(file)):\(line):\(column): \(message)" }
}
