import Testing

@testable import RunnerExecution

@Suite struct ExitStatusTests {
    @Test(
        arguments: [
            (1, "exit status 1"), (2, "exit status 2"), (125, "exit status 125"),
            (126, "exit status 126 (found, but not executable)"), (127, "exit status 127 (command not found)"),
            (128, "exit status 128"), (130, "exit status 130 (SIGINT)"), (134, "exit status 134 (SIGABRT)"),
            (137, "exit status 137 (SIGKILL: killed, perhaps out of memory)"), (139, "exit status 139 (SIGSEGV)"),
            (143, "exit status 143 (SIGTERM)"), (200, "exit status 200"), (255, "exit status 255"),
        ] as [(Int32, String)]
    )
    func `a status in words`(_ code: Int32, _ words: String) { #expect(ExitStatus.words(code) == words) }

    @Test(arguments: [
        (Duration.milliseconds(0), "0 ms"), (.milliseconds(250), "250 ms"), (.seconds(1), "1 s"),
        (.seconds(90), "90 s"),
        (.seconds(120), "2 min"), (.seconds(3600), "1 h"), (.seconds(5400), "1 h 30 min"),
        (.seconds(3661), "1 h 1 min 1 s"),
    ])
    func `a duration in words`(_ duration: Duration, _ words: String) { #expect(duration.words == words) }
}
