import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// A free TCP port of this machine for each service, so that stages with the same services can run at once.
enum ServicePorts {
    /// `RUNNER_SERVICE_DB_PORT` for a service called `db`: letters in upper case, `_` for what a variable cannot have.
    static func variable(for service: String) -> String {
        let letters = service.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return "RUNNER_SERVICE_\(String(letters))_PORT"
    }

    /// The variables of all services, no port twice.
    ///
    /// A port is only known to be free while it is bound, and a service has to bind it itself: all are bound at once,
    /// then given back.
    static func take(for services: [ServiceSpec]) throws -> [String: String] {
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        var variables: [String: String] = [:]
        for service in services {
            let name = variable(for: service.name)
            guard variables[name] == nil else {
                throw RunnerError(
                    .errored,
                    "cannot give the service `\(service.name)` a port",
                    why: "another service's port is called `\(name)`, too",
                    hint: "rename one of them"
                )
            }
            let (descriptor, port) = try bindAny()
            held.append(descriptor)
            variables[name] = String(port)
        }
        return variables
    }

    private static func bindAny() throws(SystemFailure) -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFailure("open a socket", "127.0.0.1") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else {
            let failure = SystemFailure("find a free port", "127.0.0.1")
            close(descriptor)
            throw failure
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
