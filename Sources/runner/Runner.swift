import RunnerCommands

@main
enum Runner {
    static func main() async {
        await RunnerTool.run()
    }
}
