import RunnerCore

/// How PostgreSQL's programs find a database: by variables, since arguments can be seen by everybody.
struct DatabaseAddress: Sendable, Hashable {
    /// `PGHOST` and its like.
    let variables: [String: String]

    /// What a connection string may say, by libpq's names for it: section 34.1.2 of PostgreSQL's manual.
    private static let names = [
        "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
        "password": "PGPASSWORD", "passfile": "PGPASSFILE", "service": "PGSERVICE", "options": "PGOPTIONS",
        "application_name": "PGAPPNAME", "connect_timeout": "PGCONNECT_TIMEOUT", "sslmode": "PGSSLMODE",
        "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslrootcert": "PGSSLROOTCERT", "sslcrl": "PGSSLCRL",
        "sslsni": "PGSSLSNI", "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
        "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE", "krbsrvname": "PGKRBSRVNAME",
        "requirepeer": "PGREQUIREPEER", "target_session_attrs": "PGTARGETSESSIONATTRS",
        "client_encoding": "PGCLIENTENCODING",
    ]

    /// From the variable `name`, else from the `PG...` variables that are there.
    init(of environment: [String: String], variable name: String) throws(RunnerError) {
        let given = environment.filter { $0.key.hasPrefix("PG") && !$0.value.isEmpty }
        if let text = environment[name], !text.isEmpty {
            do {
                let named = try DatabaseAddress(text)
                variables = given.merging(named.variables) { _, named in named }
            } catch {
                throw RunnerError(.input, "cannot use `\(name)`", why: "it \(error.message)", hint: error.hint)
            }
        } else if ["PGHOST", "PGDATABASE", "PGSERVICE"].contains(where: { given[$0] != nil }) {
            variables = given
        } else {
            throw RunnerError(
                .input,
                "do not know which database to migrate",
                why: "there is no variable `\(name)`, and no `PGHOST`, `PGDATABASE` or `PGSERVICE`",
                hint: "give the environment a secret `\(name)`: `postgres://USER:PASSWORD@HOST/NAME`"
            )
        }
    }

    /// A URL, `postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=require`, or libpq's `host=... dbname=...`. What is
    /// wrong is said without a value of it, which may be a password.
    init(_ text: String) throws(TextProblem) {
        guard let colon = text.firstRange(of: "://") else {
            variables = try Self.keywords(text)
            return
        }
        // What SQLAlchemy appends is a driver's name: `postgresql+psycopg2`.
        let scheme = text[..<colon.lowerBound].split(separator: "+").first ?? ""
        guard scheme == "postgres" || scheme == "postgresql" else {
            throw TextProblem("is no url of PostgreSQL", hint: "postgres://USER:PASSWORD@HOST/NAME")
        }
        variables = try Self.url(text[colon.upperBound...])
    }

    private static func url(_ text: Substring) throws(TextProblem) -> [String: String] {
        let end = text.firstIndex { $0 == "/" || $0 == "?" } ?? text.endIndex
        var variables = try authority(text[..<end])
        let query = text.firstIndex(of: "?") ?? text.endIndex
        if text[end...].hasPrefix("/") {
            variables["PGDATABASE"] = try decode(text[text.index(after: end)..<query], "the database's name")
        }
        for parameter in text[query...].dropFirst().split(separator: "&") {
            let sign = parameter.firstIndex(of: "=") ?? parameter.endIndex
            let name = String(parameter[..<sign])
            variables[try variable(name)] = try decode(parameter[sign...].dropFirst(), name.quoted)
        }
        return variables.filter { !$0.value.isEmpty }
    }

    private static func authority(_ text: Substring) throws(TextProblem) -> [String: String] {
        var variables: [String: String] = [:]
        var hosts = text
        if let at = text.lastIndex(of: "@") {
            let user = text[..<at]
            let colon = user.firstIndex(of: ":") ?? user.endIndex
            variables["PGUSER"] = try decode(user[..<colon], "the user")
            variables["PGPASSWORD"] = try decode(user[colon...].dropFirst(), "the password")
            hosts = text[text.index(after: at)...]
        }
        let pairs = hosts.split(separator: ",", omittingEmptySubsequences: false).map(host)
        variables["PGHOST"] = try decode(Substring(pairs.map(\.name).joined(separator: ",")), "the host")
        if pairs.contains(where: { !$0.port.isEmpty }) {
            variables["PGPORT"] = pairs.map { String($0.port) }.joined(separator: ",")
        }
        return variables
    }

    /// `HOST:PORT` or `[ADDRESS]:PORT`.
    private static func host(_ text: Substring) -> (name: Substring, port: Substring) {
        if text.hasPrefix("["), let bracket = text.firstIndex(of: "]") {
            let rest = text[text.index(after: bracket)...]
            return (text[..<bracket].dropFirst(), rest.hasPrefix(":") ? rest.dropFirst() : "")
        }
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        return (text[..<colon], text[colon...].dropFirst())
    }

    /// `host=db1 password='it''s'`, as libpq reads it: a backslash stands before a quote.
    private static func keywords(_ text: String) throws(TextProblem) -> [String: String] {
        var variables: [String: String] = [:]
        var rest = text[...].drop(while: \.isWhitespace)
        while !rest.isEmpty {
            let sign = rest.firstIndex(of: "=") ?? rest.endIndex
            let name = rest[..<sign].filter { !$0.isWhitespace }
            guard sign < rest.endIndex, names[name] != nil else {
                throw TextProblem(
                    "is neither a url nor a list of `keyword=value`",
                    hint: "postgres://USER:PASSWORD@HOST/NAME"
                )
            }
            rest = rest[rest.index(after: sign)...].drop(while: \.isWhitespace)
            variables[try variable(name)] = takeValue(&rest)
            rest = rest.drop(while: \.isWhitespace)
        }
        return variables.filter { !$0.value.isEmpty }
    }

    private static func takeValue(_ rest: inout Substring) -> String {
        var value = ""
        let isQuoted = rest.first == "'"
        if isQuoted { rest.removeFirst() }
        while let character = rest.first {
            if isQuoted ? character == "'" : character.isWhitespace { break }
            rest.removeFirst()
            value.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
        }
        if isQuoted { rest = rest.dropFirst() }
        return value
    }

    private static func variable(_ name: String) throws(TextProblem) -> String {
        if let variable = names[name] { return variable }
        throw TextProblem(
            "has \(name.quoted), which libpq does not know",
            hint: DidYouMean.hint(for: name, among: names.keys.sorted())
        )
    }

    private static func decode(_ text: Substring, _ what: String) throws(TextProblem) -> String {
        if let decoded = PercentEncoding.decode(text) { return decoded }
        throw TextProblem("has a `%` in \(what) that is no percent encoding", hint: "write a `%` itself as `%25`")
    }
}
