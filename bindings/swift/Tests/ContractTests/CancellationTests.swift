import ContractWorld
import StorewalkGenerated
import StorewalkKit
import Testing

/// Callers that no longer wait.
@Suite(.timeLimit(.minutes(2)))
struct CancellationTests {
    @Test("a cancelled sync ends at once, stops the work behind it and loses nothing")
    func cancelledSync() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            try await raise(phone, "before")
            try await world.server.lineHeld()
            let syncing = Task { try await phone.sync.now() }
            try await world.server.awaitHeld()
            let began = ContinuousClock.now
            syncing.cancel()
            let ended = try await end(syncing)
            #expect(throws: CancellationError.self) { try ended.get() }
            // Far less than the time after which a request is given up.
            #expect(ContinuousClock.now - began < .seconds(5))
            try await world.server.lineUp()
            // Long enough for an answer to come that nobody stopped: somebody else's whole sync.
            _ = try await world.phone(of: "wangqiang")
            #expect(try await phone.sync.status().unsentCommands == 1)
            #expect(try await phone.sync.now().commandsSent == 1)
            #expect(try await phone.sync.status().unsentCommands == 0)
            #expect(try await phone.tasks.mine().filter { $0.note == "before" }.count == 1)
        }
    }

    @Test("following ends when it is cancelled")
    func cancelledFollow() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let following = Task { try await phone.sync.follow() }
            // It has asked, and the answer is not let through.
            try await world.server.lineHeld()
            try await Task.sleep(for: .milliseconds(20))
            following.cancel()
            let began = ContinuousClock.now
            let ended = try await end(following)
            #expect(throws: CancellationError.self) { try ended.get() }
            #expect(ContinuousClock.now - began < .seconds(5))
            try await world.server.lineUp()
            #expect(try await phone.sync.now().isComplete)
        }
    }

    @Test("a cancelled token refuses every call that is given it")
    func cancelledToken() async throws {
        try await World.play { world in
            let core = try await StorewalkGenerated.Storewalk.open(setup: setup(world.newFolder(), url: world.server.url))
            let token = CancelToken()
            token.cancel()
            #expect(token.isCancelled())
            do {
                _ = try await core.session().signIn(login: "liwen", password: password, cancel: token)
                Issue.record("it was done")
            } catch CoreError.Cancelled(let details) {
                #expect(details.code == "cancelled")
            }
            #expect(try await core.session().person() == nil)
            core.shutdown()
        }
    }

    @Test("what was begun is finished though nobody waits for it")
    func abandoned() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "jiangbei")
            let dealer = idOf("dealer", "D01")
            for _ in 0..<20 {
                Task { try await phone.orders.createDraft(dealerId: dealer) }.cancel()
            }
            try await eventually("all 20 drafts are there") { try await phone.orders.drafts().count == 20 }
        }
    }

    @Test("an opening that nobody waits for leaves its folder free")
    func abandonedOpening() async throws {
        try await World.play { world in
            let (folder, url) = (world.newFolder(), world.server.url)
            Task { try await Storewalk.open(setup(folder, url: url)) }.cancel()
            try await eventually("it can be opened") {
                guard let phone = try? await Storewalk.open(setup(folder, url: url)) else { return false }
                await phone.shutdown()
                return true
            }
        }
    }

    @Test("two hundred calls at once are all answered")
    func manyCalls() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<200 {
                    group.addTask { try await phone.plan.today().calls.count }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts == [Int](repeating: 8, count: 200))
        }
    }

    private func raise(_ phone: StorewalkKit.Storewalk, _ note: String) async throws {
        let outlet = idOf("outlet", "S0101")
        try await phone.tasks.raise(outletId: outlet, note: note, dueOn: "2025-03-20").done()
    }
}
