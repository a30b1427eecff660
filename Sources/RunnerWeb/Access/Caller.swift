import RunnerCore

/// Who asks.
struct Caller: Sendable, Hashable {
    /// For the record: a user of this machine, a token's name, or `nobody`.
    var name: String
    /// `nil` for whoever has shown nothing.
    var role: Role?
    /// What requests are counted by; `nil` for those that are not, as over the unix socket.
    var countedAs: String?

    func may(_ access: Endpoint.Access) -> Bool {
        switch access {
        case .open, .signed: true
        case .role(let needed): role.map { $0 >= needed } ?? false
        }
    }
}
