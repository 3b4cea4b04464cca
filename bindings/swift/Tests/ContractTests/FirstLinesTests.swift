import ContractWorld
import StorewalkKit
import Testing

/// What `bindings/README.md` shows. A rule of the repository sees to it that its lines are these.
@Suite(.timeLimit(.minutes(2)))
struct FirstLinesTests {
    @Test("the first lines of the README do what they say")
    func firstLines() async throws {
        try await World.play { world in
            let (folder, url) = (world.newFolder(), world.server.url)

            let phone = try await Storewalk.open(
                Setup(folder: folder, serverUrl: url, platform: "ios", deviceName: "李雯", appVersion: "1.0"))
            _ = try await phone.session.signIn(login: "liwen", password: password)
            _ = try await phone.sync.now()
            let calls = try await phone.plan.today().calls
            for call in calls { print(call.outletCode, call.outletName) }
            switch try await phone.visits.start(outletId: calls[0].outletId) {
            case .done(let visit): print(visit.visitId)
            case .refused(let problems): problems.forEach { print($0.what.text()) }
            }
            for try await tasks in try phone.observe(.tasks, .sync, read: { try await $0.tasks.mine() }) {
                print(tasks.count)
                break
            }

            #expect(try await phone.visits.open() != nil)

            await phone.shutdown()
        }
    }
}
