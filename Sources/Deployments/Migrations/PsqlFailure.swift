import RunnerStore

/// How the database, or the way to it, said no.
struct PsqlFailure: Error, Sendable, Hashable {
    /// The name of the file in which, and the line where the statement ends.
    var file: String?
    var line: Int?
    /// Five characters of appendix A of PostgreSQL's manual.
    var code: String?
    /// As the program said it.
    var message: String

    /// A lock was not given in time, or taking it would have waited for ever: the next try may have it.
    var isPassing: Bool { code == "55P03" || code == "40P01" }

    /// The place first, the code last.
    var words: String {
        let place = file.map { file in "`\(file)`" + (line.map { ", line \($0)" } ?? "") + ": " } ?? ""
        return place + message + (code.map { " (\($0))" } ?? "")
    }

    /// Reads what `psql` complained of before it ended; its last word counts.
    init(_ lines: [String], status: Int32) {
        message = "psql ended with exit status \(status)"
        for line in lines {
            if let found = PsqlLine(line), found.isError {
                self.file = found.file
                self.line = found.line
                code = found.code
                message = found.message
            } else if line.hasPrefix("psql: error: ") {
                message = String(line.dropFirst("psql: error: ".count))
            }
        }
    }
}

/// A message of `psql`, as `psql:FILE:LINE: ERROR:  42P01: relation "a" does not exist`. The word is the server's, in
/// its language; only the code tells.
struct PsqlLine {
    let file: String
    let line: Int
    let code: String?
    let message: String
    /// `NOTICE`, `WARNING` and their like.
    let severity: String?

    /// Codes of classes 00 to 02 are no errors.
    var isError: Bool { code.map { !["00", "01", "02"].contains($0.prefix(2)) } ?? true }

    init?(_ text: String) {
        guard let match = text.wholeMatch(of: /psql:(.+?):(\d+): (?:(\S+):  ([0-9A-Z]{5}): )?(.*)/),
            let line = Int(match.output.2)
        else { return nil }
        file = match.output.1.split(separator: "/").last.map(String.init) ?? ""
        self.line = line
        severity = match.output.3.map(String.init)
        code = match.output.4.map(String.init)
        message = String(match.output.5)
    }
}
