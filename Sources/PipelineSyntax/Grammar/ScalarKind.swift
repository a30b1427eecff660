/// The kinds of text that a file has.
enum ScalarKind: Sendable, Hashable {
    case text
    /// Text that is not empty.
    case title
    case script
    case template
    case expression
    case duration
    case size
    case count(ClosedRange<Int>)
    case number
    /// `2%`, from 0 to 100.
    case share
    case boolean
    case choice([String])
    /// Of a stage, an artifact, a service, an axis or an input.
    case name
    case variable
    case secret
    case branchPattern
    case tagPattern
    case pathPattern
    case semver
    case cron
    case zone
    /// Below the workspace.
    case path
    /// Below the workspace, or below the private home.
    case cachePath
    /// A file of the same repository.
    case file
    /// A place of the machine.
    case machinePath
    /// A place of the machine that no home is part of: a daemon's home is nobody's.
    case absolutePath
    case repositoryName
    case repositoryURL
    /// Of the server: `HOST:PORT`.
    case address
    /// A duration, or `forever`.
    case keep
    /// Of a bucket or a region: as part of a host's name.
    case bucketName
    case endpoint
    /// Before the names of objects.
    case objectPrefix
    /// What only the files of environments have.
    case environment(EnvironmentScalar)
}

extension ScalarKind {
    var noun: String {
        switch self {
        case .text, .title: "text"
        case .script: "a script"
        case .template: "text, in which `${{ }}` is expanded"
        case .expression: "an expression such as `ref.name == 'main'`"
        case .duration: "a duration such as `90s`, `30m` or `1h30m`"
        case .size: "a size such as `512MiB` or `4GiB`"
        case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number: "a number above 0"
        case .share: "a percentage such as `2%`"
        case .boolean: "`true` or `false`"
        case .choice(let values): "one of \(values.alternatives)"
        case .name: "a name"
        case .variable: "the name of a variable"
        case .secret: "the name of a secret"
        case .branchPattern: "a pattern of branches such as `feature/**`"
        case .tagPattern: "a pattern of tags such as `v*`"
        case .pathPattern: "a pattern of paths such as `Sources/**`"
        case .semver: "a range of versions such as `>=1.0.0 <2`"
        case .cron: "five cron fields such as `0 3 * * *`"
        case .zone: "an IANA time zone such as `Europe/Berlin`"
        case .path: "a path below the workspace"
        case .cachePath: "a path below the workspace or `~/`"
        case .file: "a path of a file of the repository"
        case .machinePath: "an absolute path or one below `~/`"
        case .absolutePath: "an absolute path"
        case .repositoryName: "the name of a repository"
        case .repositoryURL: "the url of a repository"
        case .address: "an address such as `127.0.0.1:7800`"
        case .keep: "a duration such as `30d`, or `forever`"
        case .bucketName: "lower-case letters, digits, `.` and `-`, at most 63"
        case .endpoint: "a server such as `https://s3.example.com`"
        case .objectPrefix: "letters, digits, `.`, `_`, `-` and `/`, no part beginning with `.`, at most 100"
        case .environment(let kind): kind.noun
        }
    }

    /// True where `${{ }}` is expanded or the text is itself an expression.
    var hasExpressions: Bool { self == .template || self == .expression }
}

/// What is wrong with a scalar's text.
struct Problem {
    /// Continues "`key` ...".
    var message: String
    var hint: String?
    /// In characters from the start of the text, where the fault has a place inside it.
    var offset: Int?

    init(_ message: String, hint: String? = nil, offset: Int? = nil) {
        self.message = message
        self.hint = hint
        self.offset = offset
    }
}
