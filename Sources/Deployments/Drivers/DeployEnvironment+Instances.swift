package import RunnerCore

extension DeployEnvironment {
    /// Throws where the file has no such target any more.
    package func target(_ name: String) throws(DeployFailure) -> DeployTarget {
        if let target = targets.first(where: { $0.name == name }) { return target }
        throw DeployFailure(
            .input,
            "environment \(self.name.quoted) has no target \(name.quoted)",
            why: "it has \(targets.map(\.name.quoted).joined(separator: ", "))"
        )
    }

    /// Where an instance answers; `nil` where nothing says so.
    package func address(of instance: DeployInstance) -> InstanceAddress? {
        guard let target = targets.first(where: { $0.name == instance.target }) else { return nil }
        return (instance.slot.flatMap { target.slots[$0] } ?? target.address).flatMap(InstanceAddress.init)
    }

    /// As `address`, for what cannot do without.
    func demandAddress(of instance: DeployInstance) throws(DeployFailure) -> InstanceAddress {
        _ = try target(instance.target)
        if let address = address(of: instance) { return address }
        throw DeployFailure(
            .input,
            "nobody knows where \(instance) of \(name.quoted) answers",
            why: "its target has no address",
            hint: "add `address: HOST:PORT` to it"
        )
    }

    /// What every script about an instance gets, beside what all scripts of the environment get.
    func variables(of instance: DeployInstance) -> [String: String] {
        let address = address(of: instance)
        return [
            "RUNNER_ENVIRONMENT": name,
            "RUNNER_TARGET": instance.target,
            "RUNNER_SLOT": instance.slot?.rawValue ?? "",
            "RUNNER_ADDRESS": address?.text ?? "",
            "RUNNER_PORT": address.map { "\($0.port)" } ?? "",
        ]
    }
}

/// `HOST:PORT`, where an address of IPv6 stands in brackets.
package struct InstanceAddress: Sendable, Hashable {
    /// Without brackets.
    package let host: String
    package let port: Int
    /// As it was written.
    package let text: String

    /// `nil` where it is something else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        // It goes into the files and commands of others.
        let isPlain = host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x25, 0x2D, 0x2E, 0x3A, 0x5F].contains(byte)
        }
        guard !host.isEmpty, isPlain, !host.hasPrefix("-"), (1...65_535).contains(port) else { return nil }
        self.host = String(host)
        self.port = port
        self.text = text
    }
}
