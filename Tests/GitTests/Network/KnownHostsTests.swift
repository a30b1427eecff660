import Foundation
import Git
import SystemPackage
import Testing

@Suite struct KnownHostsTests {
    static let mine = "AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
    static let other = "AAAAC3NzaC1lZDI1NTE5AAAAIAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
    static let ecdsa = "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAAAE"

    static let rows: [(file: String, port: Int, verdict: KnownHosts.Verdict)] = [
        ("", 22, .unknown(otherKinds: [])),
        ("git.example.org ssh-ed25519 \(mine)", 22, .known),
        ("GIT.example.org ssh-ed25519 \(mine) comment", 22, .known),
        ("git.example.org ssh-ed25519 \(mine)", 2222, .unknown(otherKinds: [])),
        ("[git.example.org]:2222 ssh-ed25519 \(mine)", 2222, .known),
        ("[git.example.org]:2222 ssh-ed25519 \(mine)", 22, .unknown(otherKinds: [])),
        ("# by hand\n\n*.example.org ssh-ed25519 \(mine)", 22, .known),
        ("git.exampl?.org,10.0.0.1 ssh-ed25519 \(mine)", 22, .known),
        ("*,!git.example.org ssh-ed25519 \(mine)", 22, .unknown(otherKinds: [])),
        ("example.org ssh-ed25519 \(mine)", 22, .unknown(otherKinds: [])),
        ("x\ngit.example.org ssh-ed25519 \(other)", 22, .changed(line: 2)),
        ("git.example.org ssh-ed25519 \(other)\ngit.example.org ssh-ed25519 \(mine)", 22, .known),
        ("git.example.org ecdsa-sha2-nistp256 \(ecdsa)", 22, .unknown(otherKinds: ["ecdsa-sha2-nistp256"])),
        ("git.example.org ssh-ed25519 \(mine)\n@revoked * ssh-ed25519 \(mine)", 22, .revoked(line: 2)),
        ("@revoked git.example.org ssh-ed25519 \(other)", 22, .unknown(otherKinds: [])),
        ("@cert-authority *.example.org ssh-ed25519 \(mine)", 22, .unknown(otherKinds: [])),
        ("git.example.org ssh-ed25519 no-base64!", 22, .unknown(otherKinds: [])),
    ]

    @Test(arguments: rows) func `a host is known by the lines that name it`(
        file: String,
        port: Int,
        verdict: KnownHosts.Verdict
    ) throws {
        let key = try Array(#require(Data(base64Encoded: Self.mine)))
        #expect(KnownHosts(file).verdict(host: "git.example.org", port: port, key: key) == verdict, "\(file)")
    }

    @Test(arguments: [22, 2222]) func `names that ssh-keygen has hashed are found`(port: Int) throws {
        let fixture = try GitFixture()
        let name = KnownHosts.name("git.example.org", port)
        let key = try Array(#require(Data(base64Encoded: Self.mine)))
        try fixture.shell("echo '\(name) ssh-ed25519 \(Self.mine)' > hosts; ssh-keygen -q -H -f hosts 2>&1")
        #expect(try fixture.shell("cat hosts").hasPrefix("|1|"))
        let hosts = try KnownHosts(files: [fixture.root.appending("hosts"), fixture.root.appending("none")])
        #expect(hosts.verdict(host: "git.example.org", port: port, key: key) == .known)
        #expect(hosts.verdict(host: "git.example.com", port: port, key: key) == .unknown(otherKinds: []))
    }
}
