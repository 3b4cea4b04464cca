import ContractWorld
import Foundation
import StorewalkKit
import Testing

/// Data under a key: another key, a wrong one, a locked one.
@Suite(.timeLimit(.minutes(2)))
struct KeyTests {
    @Test("another key takes the place of the first and opens what it sealed")
    func another() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let keys = Keys(1)
            let phone = try await world.phone(of: "liwen", in: folder, host: keys.host)
            try await note(phone)
            try await phone.rotateKey()
            await phone.shutdown()
            #expect(keys.names == ["storewalk.database", "storewalk.database.2"])
            keys.forget("storewalk.database")
            let again = try await world.phone(in: folder, host: keys.host)
            #expect(try await again.sync.status().unsentCommands == 1)
            await again.shutdown()
            await expectFault("key_wrong") { _ = try await world.phone(in: folder, host: Keys(1).host) }
        }
    }

    @Test("a wrong key opens nothing, touches nothing and leaves a way to begin anew")
    func wrong() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let (keys, others) = (Keys(1), Keys(50))
            let phone = try await world.phone(of: "liwen", in: folder, host: keys.host)
            try await note(phone)
            await phone.shutdown()
            await expectFault("key_wrong") { _ = try await world.phone(in: folder, host: others.host) }
            await expectFault("key_needed") { _ = try await world.phone(in: folder) }
            let setup = setup(folder, url: world.server.url)
            await expectFault("key_fits") { _ = try await Storewalk.openAnew(setup, host: keys.host) }
            let untouched = try await world.phone(in: folder, host: keys.host)
            #expect(try await untouched.sync.status().unsentCommands == 1)
            #expect(untouched.leftBehind == nil)
            await untouched.shutdown()

            let anew = try await Storewalk.openAnew(setup, host: others.host)
            let left = try #require(anew.leftBehind)
            #expect(left.commands == 1 && left.photos == 0)
            _ = try await anew.session.signIn(login: "liwen", password: password)
            _ = try await anew.sync.now()
            #expect(try await anew.plan.today().calls.count == 8)
            await anew.shutdown()
            let found = try await world.phone(in: left.folder, host: keys.host)
            #expect(try await found.sync.status().unsentCommands == 1)
        }
    }

    @Test("a locked key can be tried again and nothing is set aside")
    func locked() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let keys = Keys(1)
            let phone = try await world.phone(of: "liwen", in: folder, host: keys.host)
            try await note(phone)
            await phone.shutdown()
            keys.isLocked = true
            let setup = setup(folder, url: world.server.url)
            await expectFault("key_locked") { _ = try await world.phone(in: folder, host: keys.host) }
            await expectFault("key_locked") { _ = try await Storewalk.openAnew(setup, host: keys.host) }
            keys.isLocked = false
            let again = try await world.phone(in: folder, host: keys.host)
            #expect(try await again.sync.status().unsentCommands == 1)
        }
    }

    private func note(_ phone: Storewalk) async throws {
        _ = try await phone.tasks.raise(outletId: idOf("outlet", "S0101"), note: "unsent", dueOn: "2025-03-20").done()
    }
}

/// A key store that keeps a key for each name it is asked for.
private final class Keys: @unchecked Sendable {
    private let lock = NSLock()
    private let seed: UInt8
    private var kept: [String: Data] = [:]
    private var locked = false

    init(_ seed: UInt8) {
        self.seed = seed
    }

    var isLocked: Bool {
        get { lock.withLock { locked } }
        set { lock.withLock { locked = newValue } }
    }

    var names: [String] { lock.withLock { kept.keys.sorted() } }

    var host: PhoneHost { PhoneHost(key: { [self] in try load($0) }) }

    func forget(_ name: String) {
        lock.withLock { _ = kept.removeValue(forKey: name) }
    }

    private func load(_ name: String) throws -> Data {
        try lock.withLock {
            if locked { throw HostError.locked }
            let key = kept[name] ?? Data(repeating: seed + UInt8(kept.count), count: 32)
            kept[name] = key
            return key
        }
    }
}
