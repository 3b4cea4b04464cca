import ContractWorld
import StorewalkGenerated
import StorewalkKit
import StorewalkModels
import Testing

private typealias Core = StorewalkGenerated.Storewalk

/// Who is told of changes, when, and when no more.
@Suite(.timeLimit(.minutes(2)))
struct ListenerTests {
    @Test("the first call comes at once with every topic and the current state")
    func first() async throws {
        try await World.play { world in
            var changes = try await world.phone().changes().makeAsyncIterator()
            let first = try #require(await changes.next())
            #expect(first.isFirst)
            #expect(Set(first.topics) == everyTopic)
            #expect(first.life == .open)
            #expect(first.status?.needsSignIn == true)
        }
    }

    @Test("a burst of changes is told a few times and its last change is told")
    func burst() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "jiangbei")
            var changes = try phone.changes().makeAsyncIterator()
            _ = await changes.next()
            let began = ContinuousClock.now
            let counting = Task { try await countUntil(61, phone, changes) }
            for _ in 0..<61 {
                try await phone.orders.createDraft(dealerId: idOf("dealer", "D01")).done()
            }
            let told = try await counting.value
            let gaps = (ContinuousClock.now - began) / .milliseconds(200)
            #expect(Double(told) <= gaps + 2, "told \(told) times in \(gaps) gaps")
        }
    }

    /// Reads changes until as many drafts are there; how often it was told.
    private func countUntil(_ drafts: Int, _ phone: StorewalkKit.Storewalk, _ changes: Changes.Iterator) async throws -> Int {
        var changes = changes
        var told = 0
        while let change = await changes.next() {
            told += 1
            let count = try await phone.orders.drafts().count
            if change.topics.contains(.orders), count == drafts {
                return told
            }
        }
        throw Fault("the sequence ended")
    }

    @Test("a slow collector gets fewer changes and misses none")
    func slow() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "jiangbei")
            var slow = try phone.changes().makeAsyncIterator()
            #expect(await slow.next()?.isFirst == true)
            var witness = try phone.changes().makeAsyncIterator()
            #expect(await witness.next()?.isFirst == true)
            try await phone.orders.createDraft(dealerId: idOf("dealer", "D01")).done()
            while let change = await witness.next(), !change.topics.contains(.orders) {}
            try await phone.pause()
            while let change = await witness.next(), change.life != .paused {}
            try await phone.resume()
            while let change = await witness.next(), change.life != .open {}
            // Each listener is told in its own time: the last change may still be on its way to this one.
            var (last, told) = (try #require(await slow.next()), 1)
            var topics = Set(last.topics)
            while last.life != .open {
                last = try #require(await slow.next())
                topics.formUnion(last.topics)
                told += 1
            }
            #expect(topics.isSuperset(of: [.orders, .life]))
            #expect(told <= 2 && !last.isFirst)
        }
    }

    @Test("what is observed is read at once, after its changes and after a pause")
    func observed() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "jiangbei")
            var counts = try phone.observe(.orders) { try await $0.orders.drafts().count }.makeAsyncIterator()
            #expect(try await counts.next() == 0)
            try await phone.orders.createDraft(dealerId: idOf("dealer", "D01")).done()
            while let count = try await counts.next(), count != 1 {}
            try await phone.pause()
            try await phone.resume()
            try await phone.orders.createDraft(dealerId: idOf("dealer", "D01")).done()
            while let count = try await counts.next(), count != 2 {}
        }
    }

    @Test("a flow ends when the core is shut down")
    func ends() async throws {
        try await World.play { world in
            let phone = try await world.phone()
            let (changes, isTold) = (try phone.changes(), Counter())
            let reading = Task { for await change in changes where change.isFirst { isTold.add() } }
            try await eventually("it is told first") { isTold.value == 1 }
            await phone.shutdown()
            _ = try await end(reading)
            #expect(throws: StorewalkError.self) { try phone.changes() }
        }
    }

    @Test("a collector that has enough stops listening")
    func enough() async throws {
        try await World.play { world in
            try await door(world) { core in
                let gone = Counter()
                for _ in 0..<20 {
                    let listener = Listener(gone: gone)
                    let subscription = try core.listen(listener: listener)
                    try await eventually("it was told") { listener.calls.value > 0 }
                    subscription.cancel()
                }
                try await eventually("nobody keeps a listener") { gone.value == 20 }
            }
            let phone = try await world.phone()
            let reading = Task {
                for await change in try phone.changes() where change.isFirst { return true }
                return false
            }
            #expect(try await end(reading).get())
            let waiting = Task { for await _ in try phone.changes() {} }
            waiting.cancel()
            try await end(waiting).get()
        }
    }

    @Test("a listener that throws is told of the next change all the same")
    func throwing() async throws {
        try await World.play { world in
            try await door(world) { core in
                let listener = Listener { _ in throw Fault("a fault in the app") }
                let subscription = try core.listen(listener: listener)
                for (calls, life) in [(1, Life.open), (2, .paused), (3, .open)] {
                    if life == .paused { try await core.pause() } else if calls > 1 { try await core.resume() }
                    try await eventually("call \(calls) comes") { listener.calls.value == calls }
                }
                subscription.cancel()
            }
        }
    }

    @Test("a listener may call the core and cancel itself from inside its call")
    func reentrant() async throws {
        try await World.play { world in
            try await door(world) { core in
                let (mine, lives) = (Box<Subscription>(), Box<Life>())
                let listener = Listener { _ in
                    // The core's own thread may call the core; waiting for a task here would be no less allowed.
                    _ = core.sync().traffic()
                    try core.listen(listener: Listener()).cancel()
                    lives.value = core.life()
                    mine.value?.cancel()
                }
                let subscription = try core.listen(listener: listener)
                mine.value = subscription
                try await eventually("it has answered") { lives.value == .open }
                try await core.pause()
                try await core.resume()
                try await eventually("it is cancelled") { subscription.isCancelled() }
                let calls = listener.calls.value
                try await witness(core)
                #expect(listener.calls.value == calls)
                mine.value = nil
            }
        }
    }

    @Test("a listener is called no more once its handle is cancelled or dropped")
    func stops() async throws {
        try await World.play { world in
            try await door(world) { core in
                let listeners = [Listener(), Listener(), Listener()]
                let cancelled = try core.listen(listener: listeners[0])
                var dropped: Subscription? = try core.listen(listener: listeners[1])
                let kept = try core.listen(listener: listeners[2])
                try await eventually("all are told") { listeners.allSatisfy { $0.calls.value > 0 } }
                cancelled.cancel()
                #expect(dropped?.isCancelled() == false)
                dropped = nil
                try await witness(core)
                let before = listeners.map(\.calls.value)
                try await core.pause()
                try await core.resume()
                try await witness(core)
                let after = listeners.map(\.calls.value)
                #expect(before.prefix(2) == after.prefix(2))
                #expect(after[2] > before[2], "the third one listens on: \(before), \(after)")
                #expect(cancelled.isCancelled() && !kept.isCancelled())
            }
        }
    }

    @Test("a model shows what is read, keeps up and says what went wrong")
    @MainActor
    func model() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "jiangbei")
            let model = await Live(phone, .orders) { phone throws(StorewalkError) in try await phone.orders.drafts().count }
            let running = Task { await model.run() }
            try await eventually("it shows nothing yet") { await model.value == 0 }
            try await phone.orders.createDraft(dealerId: idOf("dealer", "D01")).done()
            try await eventually("it shows the draft") { await model.value == 1 }
            let wrong = await Live(phone, .orders) { phone throws(StorewalkError) in
                try await phone.orders.view(orderId: "none")
            }
            await wrong.refresh()
            #expect(await wrong.error?.code == "argument_invalid")
            running.cancel()
            await running.value
        }
    }
}

/// Plays with the generated object itself, below the sequences.
private func door(_ world: World, _ scenario: (Core) async throws -> Void) async throws {
    let core = try await Core.open(setup: setup(world.newFolder(), url: world.server.url))
    do {
        try await scenario(core)
    } catch {
        core.shutdown()
        throw error
    }
    core.shutdown()
}

/// Returns when a fresh listener was told of a pause and its end: whoever else was to be told by now has been.
private func witness(_ core: Core) async throws {
    let listener = Listener()
    let subscription = try core.listen(listener: listener)
    try await eventually("the witness is told first") { listener.calls.value == 1 }
    try await core.pause()
    try await eventually("the witness is told of the pause") { listener.calls.value == 2 }
    try await core.resume()
    try await eventually("the witness is told of its end") { listener.calls.value == 3 }
    subscription.cancel()
}
