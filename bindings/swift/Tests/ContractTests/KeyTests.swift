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

    @Test("when the host cannot make another key the one before still counts")
    func noOtherKey() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let keys = Keys(1)
            let phone = try await world.phone(of: "liwen", in: folder, host: keys.host)
            keys.isLocked = true
            await expectFault("key_locked") { try await phone.rotateKey() }
            try await note(phone)
            await phone.shutdown()
            keys.isLocked = false
            let again = try await world.phone(in: folder, host: keys.host)
            #expect(try await again.sync.status().unsentCommands == 1)
            #expect(keys.names == ["storewalk.database"])
            try await again.rotateKey()
            #expect(keys.names == ["storewalk.database", "storewalk.database.2"])
        }
    }

    @Test("a key that is gone for good leaves a way to begin anew")
    func gone() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let phone = try await world.phone(of: "liwen", in: folder, host: Keys(1).host)
            try await note(phone)
            await phone.shutdown()
            let forgetful = Keys(50)
            forgetful.lose("storewalk.database")
            await expectFault("key_gone") { _ = try await world.phone(in: folder, host: forgetful.host) }
            let anew = try await Storewalk.openAnew(setup(folder, url: world.server.url), host: forgetful.host)
            #expect(anew.leftBehind?.commands == 1)
            #expect(try await anew.session.person() == nil)
            await anew.shutdown()
            #expect(forgetful.names == ["storewalk.database.2"])
            #expect(try await world.phone(in: folder, host: forgetful.host).leftBehind == nil)
        }
    }

    @Test("under a key a photo lies sealed and is shown while it is looked at")
    func sealedPhoto() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let phone = try await world.phone(of: "liwen", in: folder, host: Keys(1).host)
            let visit = try await Walk.arrive(phone)
            let taken = try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()
            let photo = try #require(try await phone.photos.ofVisit(visit).first)
            let (thumbnail, original) = (try #require(photo.thumbnailPath), try #require(photo.originalPath))
            #expect(try bytes(thumbnail).starts(with: [0xFF, 0xD8]))
            #expect(try await phone.photos.reveal(photoId: taken.photoId) == original)
            #expect(try bytes(original) == bytes(picture(0)))
            #expect(try picturesIn(folder + "/photos") == [])
            try await phone.pause()
            let files = FileManager.default
            #expect(!files.fileExists(atPath: thumbnail) && !files.fileExists(atPath: original))
            try await phone.resume()
            _ = try await phone.photos.ofVisit(visit)
            #expect(files.fileExists(atPath: thumbnail))
        }
    }

    private func note(_ phone: Storewalk) async throws {
        _ = try await phone.tasks.raise(outletId: idOf("outlet", "S0101"), note: "unsent", dueOn: "2025-03-20").done()
    }
}
