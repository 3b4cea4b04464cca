import ContractWorld
import Foundation
import StorewalkGenerated
import StorewalkKit
import Testing

private typealias Storewalk = StorewalkKit.Storewalk

/// Opening, pausing, ending and dying.
@Suite(.timeLimit(.minutes(4)))
struct LifeTests {
    @Test("paused it answers closed and resumed it works")
    func pause() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            #expect(phone.life == .open)
            try await phone.pause()
            try await phone.pause()
            #expect(phone.life == .paused)
            let fault = await expectFault("closed") { _ = try await phone.plan.today() }
            guard case .closed = fault else { throw Fault("not closed: \(fault as Any)") }
            try await phone.resume()
            #expect(try await phone.plan.today().calls.count == 8)
        }
    }

    @Test("under load pausing and resuming answers every call or says closed")
    func pauseUnderLoad() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "jiangbei")
            let (made, closed) = (Counter(), Counter())
            let callers = (0..<6).map { _ in Task { try await load(phone, made, closed) } }
            for round in 0..<15 {
                let before = made.value
                try await eventually("calls are answered in round \(round)") { made.value > before }
                try await phone.pause()
                try await phone.resume()
            }
            callers.forEach { $0.cancel() }
            for caller in callers {
                try await caller.value
            }
            #expect(try await phone.orders.drafts().count == made.value)
        }
    }

    @Test("under load a shutdown ends and every call after it says closed")
    func shutdownUnderLoad() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let phone = try await world.phone(of: "jiangbei", in: folder)
            let (made, closed) = (Counter(), Counter())
            let callers = (0..<6).map { _ in Task { try await load(phone, made, closed) } }
            try await eventually("calls are answered") { made.value > 20 }
            await phone.shutdown()
            try await eventually("callers are told") { closed.value >= 6 }
            callers.forEach { $0.cancel() }
            for caller in callers {
                try await caller.value
            }
            #expect(try await world.phone(in: folder).orders.drafts().count >= made.value)
        }
    }

    /// Writes until it is cancelled. Anything but an answer or `closed` fails the test.
    private func load(_ phone: Storewalk, _ made: Counter, _ closed: Counter) async throws {
        while !Task.isCancelled {
            do {
                try await phone.orders.createDraft(dealerId: idOf("dealer", "D01")).done()
                made.add()
            } catch StorewalkError.closed {
                closed.add()
                await Task.yield()
            }
        }
    }

    @Test("after shutdown every part says closed and a second shutdown does no harm")
    func afterShutdown() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            await phone.shutdown()
            await phone.shutdown()
            #expect(phone.life == .shutDown)
            let outlet = idOf("outlet", "S0101")
            let calls: [@Sendable () async throws -> Void] = [
                { _ = try await phone.session.person() },
                { _ = try await phone.session.signIn(login: "liwen", password: password) },
                { _ = try await phone.plan.today() },
                { _ = try await phone.visits.start(outletId: outlet) },
                { _ = try await phone.visits.open() },
                { _ = try await phone.checklists.steps(visitId: outlet) },
                { _ = try await phone.photos.rejected() },
                { _ = try await phone.photos.upload() },
                { _ = try await phone.orders.drafts() },
                { _ = try await phone.tasks.mine() },
                { _ = try await phone.notices.items() },
                { _ = try await phone.outlets.profile(outletId: outlet) },
                { try await phone.photos.sendOriginalsNow() },
                { try await phone.photos.transferEnded(id: outlet + "/original") },
                { _ = try await phone.parcels.carried() },
                { _ = try await phone.parcels.deliver() },
                { _ = try await phone.review.decide(ReviewDraft(photoId: outlet, decision: .approved)) },
                { try await phone.sync.networkReturned() },
                { try await phone.rotateKey() },
                { _ = try await phone.sync.now() },
                { try await phone.sync.follow() },
                { _ = try await phone.sync.status() },
                { try await phone.resume() },
                { try await phone.pause() },
                { _ = try phone.changes() },
            ]
            for call in calls {
                await expectFault("closed", call)
            }
        }
    }

    @Test("a folder has one core at a time, in this process and beside it")
    func oneCore() async throws {
        try await World.play { world in
            let (folder, url) = (world.newFolder(), world.server.url)
            let phone = try await world.phone(in: folder)
            await expectFault("already_open") { _ = try await world.phone(in: folder) }
            let detour = world.newFolder()
            try FileManager.default.createSymbolicLink(atPath: detour, withDestinationPath: folder)
            await expectFault("already_open") { _ = try await world.phone(in: detour) }
            let refused = try child("hold", folder, url)
            #expect(await refused.line() == "already_open")
            _ = await refused.end()
            await phone.shutdown()

            let holding = try child("hold", folder, url)
            #expect(await holding.line() == "open")
            await expectFault("already_open") { _ = try await world.phone(in: folder) }
            _ = await holding.kill()
            #expect(try await world.phone(in: folder).session.person() == nil)
        }
    }

    @Test("what a killed app had said was done is there when it is opened again")
    func killed() async throws {
        try await World.play { world in
            let (folder, url) = (world.newFolder(), world.server.url)
            try await world.phone(of: "liwen", in: folder, host: Keys(1).host).shutdown()
            for (life, outlet) in ["S0101", "S0103", "S0102"].enumerated() {
                let app = try child("work", folder, url, outlet)
                var said: [String] = []
                for _ in 0..<5 + life * 12 {
                    said.append(try #require(await app.line(), "the child ended by itself"))
                }
                said += await app.kill()
                let phone = try await world.phone(in: folder, host: Keys(1).host)
                #expect(phone.recovery?.file == nil, "a kill damages nothing")
                let open = try #require(try await phone.visits.open(), "the visit is gone")
                #expect(said.first == "visit \(open.id)")
                let kept = Set(Walk.answers(open).keys.map { "answered \($0)" })
                let lost = Set(said.filter { $0.hasPrefix("answered") }).subtracting(kept)
                #expect(lost == [])
                _ = try await Walk.through(phone, open.id)
                try await phone.visits.finish(visitId: open.id).done()
                _ = try await phone.sync.now()
                #expect(try await phone.sync.status().unsentCommands == 0)
                await phone.shutdown()
            }
        }
    }

    @Test("a process may end with a core, a listener and a call alive")
    func leaves() async throws {
        try await World.play { world in
            for _ in 0..<3 {
                let folder = world.newFolder()
                let app = try child("leave", folder, world.server.url)
                #expect(await app.line() == "leaving")
                #expect(await app.end() == 0)
                #expect(try await world.phone(in: folder).recovery?.file == nil)
            }
        }
    }

    @Test("a shutdown ends a call under way, which says closed")
    func shutdownInACall() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let phone = try await world.phone(of: "liwen", in: folder)
            let outlet = idOf("outlet", "S0101")
            try await phone.tasks.raise(outletId: outlet, note: "unsent", dueOn: "2025-03-20").done()
            try await world.server.lineHeld()
            let syncing = Task { try await phone.sync.now() }
            try await world.server.awaitHeld()
            await phone.shutdown()
            let ended = try await end(syncing)
            await expectFault("closed") { _ = try ended.get() }
            try await world.server.lineUp()
            #expect(try await world.phone(in: folder).sync.now().commandsSent == 1)
        }
    }

    @Test("a pause ends a sync under way, which goes on after it")
    func pauseInACall() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let outlet = idOf("outlet", "S0101")
            try await phone.tasks.raise(outletId: outlet, note: "unsent", dueOn: "2025-03-20").done()
            try await world.server.lineHeld()
            let syncing = Task { try await phone.sync.now() }
            try await world.server.awaitHeld()
            try await phone.pause()
            try await world.server.lineUp()
            let ended = try await end(syncing)
            await expectFault("closed") { _ = try ended.get() }
            try await phone.resume()
            #expect(try await phone.sync.now().commandsSent == 1)
            #expect(try await phone.sync.status().unsentCommands == 0)
        }
    }

    @Test("a folder may have any name that the system allows")
    func names() async throws {
        try await World.play { world in
            let name = " 门店 😀 𰻞 e\u{301} '\";%20#&?/" + String(repeating: "深", count: 80)
            let folder = world.newFolder() + name
            let phone = try await world.phone(of: "liwen", in: folder)
            let visit = try await Walk.arrive(phone)
            try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()
            await phone.shutdown()
            let again = try await world.phone(in: folder)
            let original = try #require(try await again.photos.ofVisit(visit).first?.originalPath)
            #expect(original.utf8.starts(with: folder.utf8))
            #expect(try bytes(original) == bytes(picture(0)))
            await expectFault("already_open") { _ = try await world.phone(in: folder) }
        }
    }

    @Test("shut down from several sides at once it is over when any of them comes back")
    func shutdownFromAllSides() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            for _ in 0..<5 {
                let phone = try await world.phone(in: folder)
                try await withThrowingTaskGroup(of: Void.self) { sides in
                    for _ in 0..<4 {
                        sides.addTask { await phone.shutdown() }
                    }
                    _ = try await sides.next()
                    #expect(phone.life == .shutDown)
                    try await Storewalk.open(setup(folder, url: world.server.url)).shutdown()
                }
            }
        }
    }

    @Test("a listener or a service of the host may shut the core down from inside its call")
    func shutdownFromInside() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let core = try await StorewalkGenerated.Storewalk.open(setup: setup(folder, url: world.server.url))
            let wasInside = Box<Bool>()
            let listener = Listener { _ in
                core.shutdown()
                wasInside.value = core.isInside()
            }
            let kept = try core.listen(listener: listener)
            try await eventually("it comes back") { wasInside.value == true }
            core.shutdown()
            #expect(kept.isCancelled())

            let mine = Box<StorewalkKit.Storewalk>()
            let ending = PhoneHost(network: {
                mine.value?.end()
                return .unmetered
            })
            let phone = try await world.phone(in: folder, host: ending)
            mine.value = phone
            // Whichever was first: nobody is signed in either.
            do {
                _ = try await phone.sync.now()
                Issue.record("nobody is signed in")
            } catch {
                #expect(["closed", "signed_out"].contains((error as? StorewalkError)?.code))
            }
            await phone.shutdown()
            mine.value = nil
            #expect(try await world.phone(in: folder).life == .open)
        }
    }

    @Test("using shuts down whatever happens inside")
    func scope() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let kept = Box<Storewalk>()
            await #expect(throws: Fault.self) {
                try await withStorewalk(setup(folder, url: world.server.url)) { phone in
                    kept.value = phone
                    throw Fault("a fault in the app")
                }
            }
            #expect(kept.value?.life == .shutDown)
            let phone = try await world.phone(in: folder)
            #expect(try await phone.session.person() == nil)
        }
    }

    private func child(_ work: String, _ folder: String, _ url: String, _ outlet: String = "S0101") throws -> LineProcess {
        try LineProcess(try setting("STOREWALK_CONTRACT_CHILD"), [work, folder, url, outlet])
    }
}
