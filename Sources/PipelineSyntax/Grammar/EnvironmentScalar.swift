import RunnerCore

/// The kinds of text that only files of environments have.
enum EnvironmentScalar: Sendable, Hashable {
    /// A duration above 0: what would never end, or never begin, without.
    case time
    /// `ssh://USER@HOST:PORT`
    case sshHost
    /// `HOST:PORT` that one connects to.
    case address
    /// A unix socket's path, or an address.
    case socket
    case url
    /// From an instance's address, or a whole url.
    case healthPath
    /// `2` or `25%`
    case portion
    /// Any number, below 0 too.
    case decimal
    /// `09:00`
    case clock
    /// `mon`, or `mon-fri`
    case days
    /// `2026-12-20`, or with `T18:00`
    case moment
    /// A gate that only makes wait.
    case waitingGate
    /// One branch, not a pattern.
    case branch
    case image
    /// One word of a program's arguments.
    case argument
    /// Below the directory of a release.
    case releasePath

    /// The gates that the fast track may leave out.
    static let waitingGates: [Protection.GateName] = [.newer, .soak, .approvals, .window, .freeze]

    var noun: String {
        switch self {
        case .time: "a duration above 0 such as `30s` or `5m`"
        case .sshHost: "a host such as `ssh://deploy@web-1:22`"
        case .address: "an address such as `10.0.0.1:8080`"
        case .socket: "an absolute path, or an address such as `127.0.0.1:9999`"
        case .url: "a url such as `https://shop.example.com`"
        case .healthPath: "a path such as `/health`, or a whole url"
        case .portion: "a number of targets such as `1`, or a share such as `25%`"
        case .decimal: "a number such as `5` or `0.5`"
        case .clock: "a time of the day such as `09:00`"
        case .days: "a day such as `mon`, or days such as `mon-fri`"
        case .moment: "a day such as `2026-12-20`, or a time such as `2026-12-20T18:00`"
        case .waitingGate: "one of \(Self.waitingGates.map(\.rawValue).alternatives)"
        case .branch: "the name of a branch"
        case .image: "an image such as `registry.example.com/shop:{version}`"
        case .argument: "an argument"
        case .releasePath: "a path below the release's directory"
        }
    }
}
