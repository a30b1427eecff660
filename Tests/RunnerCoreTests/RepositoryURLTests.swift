import RunnerCore
import Testing

@Suite struct RepositoryURLTests {
    typealias Remote = RepositoryURL.Remote

    @Test(arguments: [
        ("/srv/git/web.git", RepositoryURL.Kind.local(path: "/srv/git/web.git")),
        ("/srv/with space/100%", .local(path: "/srv/with space/100%")),
        ("file:///srv/git/web.git", .local(path: "/srv/git/web.git")),
        ("file://localhost/srv/a%20b", .local(path: "/srv/a b")),
        ("https://git.example.com/web.git", .https(Remote(host: "git.example.com", path: "/web.git"))),
        (
            "HTTPS://ada@Git.Example.com:8443/team/web",
            .https(Remote(user: "ada", host: "git.example.com", port: 8_443, path: "/team/web"))
        ),
        ("http://127.0.0.1:3000/web", .http(Remote(host: "127.0.0.1", port: 3_000, path: "/web"))),
        ("http://[::1]:3000/web", .http(Remote(host: "::1", port: 3_000, path: "/web"))),
        ("http://[::1]/web", .http(Remote(host: "::1", path: "/web"))),
        ("ssh://git@host:2222/~/web", .ssh(Remote(user: "git", host: "host", port: 2_222, path: "/~/web"))),
        ("git@github.com:team/web.git", .ssh(Remote(user: "git", host: "github.com", path: "team/web.git"))),
        ("forge:/srv/web.git", .ssh(Remote(host: "forge", path: "/srv/web.git"))),
        ("git://host/web", .git(Remote(host: "host", path: "/web"))),
    ])
    func `each form of git is known`(text: String, kind: RepositoryURL.Kind) throws {
        let url = try RepositoryURL(text)
        #expect(url.kind == kind)
        #expect(url.text == text)
        #expect((url.host == nil) == (url.localPath != nil))
    }

    @Test(arguments: [
        ("", "is empty", nil),
        ("web.git", "is in no known form", nil),
        ("./web.git", "is not an absolute path", nil),
        ("~/web.git", "is not an absolute path", nil),
        ("htps://host/web", "has the unknown scheme `htps`", nil),
        ("ftp://host/web", "has the unknown scheme `ftp`", nil),
        ("https://host", "names no repository", 12),
        ("https://host/", "names no repository", 12),
        ("https:///web", "names no host", 8),
        ("https://ho st/web", "has a space", nil),
        ("https://host/a\nb", "has a control character", nil),
        ("https://host:0/web", "has a port that is not from 1 to 65535", 13),
        ("https://host:https/web", "has a port that is not from 1 to 65535", 13),
        ("https://[zz]/web", "has no host name where one belongs", 8),
        ("ssh://-oProxyCommand=x/web", "has no host name where one belongs", 6),
        ("ssh://-u@host/web", "has no user name before `@`", 6),
        ("-oProxyCommand:web", "has no host name where one belongs", 0),
        ("git@host:", "names no repository", 9),
        ("git@host:-x", "names no repository", 9),
        ("file://host/web", "names a host, but `file://` is for this machine", nil),
        ("file:///a%2", "has a `%` that two hexadecimal digits do not follow", nil),
        ("https://ada:s3cret@host/web", "has a password in it", 8),
        ("https://ada:s3@cret@host/web", "has a password in it", 8),
        ("https://ghp_0123456789@github.com/team/web", "has a password in it", 8),
        ("ada:s3cret@host/web", "has a password in it", nil),
    ])
    func `what git or a program would misread is refused`(text: String, message: String, offset: Int?) {
        let problem = #expect(throws: TextProblem.self) { try RepositoryURL(text) }
        #expect(problem?.message == message)
        #expect(problem?.offset == offset)
        #expect("\(problem?.message ?? "")\(problem?.hint ?? "")".contains("s3") == false)
    }

    @Test func `a near scheme is offered`() {
        let problem = #expect(throws: TextProblem.self) { try RepositoryURL("htps://host/web") }
        #expect(problem?.hint == "did you mean `https://`?")
    }

    @Test(arguments: [
        ("https://Host/team/web.git", "https://host/team/web/", true),
        ("https://host/team/web", "git@host:team/web.git", true),
        ("file:///srv/web.git/", "/srv/web", true),
        ("https://host/team/web", "https://host/team/web2", false),
        ("/host/web", "https://host/web", false),
    ])
    func `urls of one repository are known as such`(left: String, right: String, isSame: Bool) throws {
        #expect((try RepositoryURL(left).identity == RepositoryURL(right).identity) == isSame)
    }

    @Test(arguments: [
        ("web", true), ("Web_2.x-y", true), ("_a", true), ("", false), (".web", false), ("-web", false), ("a/b", false),
        ("ä", false), ("a b", false), (String(repeating: "a", count: 80), true),
        (String(repeating: "a", count: 81), false),
    ])
    func `a name is safe in paths and urls`(name: String, isName: Bool) {
        #expect(RepositoryDefinition.isName(name) == isName)
    }
}
