import ContractWorld
import Foundation
import StorewalkKit
import Testing

private let outlet = idOf("outlet", "S0101")

/// Work that goes by another road, and the word of the server that it arrived.
@Suite(.timeLimit(.minutes(2)))
struct ParcelTests {
    @Test("what is packed is carried by somebody else and arrives once")
    func carried() async throws {
        try await World.play { world in
            let (mine, theirs) = (try await world.phone(of: "liwen"), try await world.phone(of: "wangqiang"))
            try await world.server.lineDown()
            let task = try await mine.tasks.raise(outletId: outlet, note: "carried", dueOn: "2025-03-20").done()
            let packing = try await mine.parcels.pack(into: world.newFolder())
            #expect([packing.commands, packing.photos, packing.missingPhotos] == [1, 0, 0])
            #expect(packing.files.count == 1)
            let file = try #require(packing.files.first)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(packing.bytes == bytes.count && bytes.range(of: Data("carried".utf8)) == nil)
            #expect(try await mine.sync.status().unsentCommands == 1, "packing sends nothing")

            let parcel = try await theirs.parcels.carry(path: file)
            #expect(parcel.sizeBytes == packing.bytes)
            #expect(try await theirs.parcels.carry(path: file) == parcel)
            #expect(try await theirs.parcels.carried() == [parcel])
            await expectFault("not_found") { try await theirs.parcels.discard(id: parcel.id) }
            let failed = try await theirs.parcels.deliver()
            #expect([failed.taken, failed.left] == [0, 1])
            let tried = try #require(try await theirs.parcels.carried().first)
            #expect(tried.attempts == 1 && tried.lastError == "offline")

            try await world.server.lineUp()
            try await theirs.sync.networkReturned()
            let delivery = try await theirs.parcels.deliver()
            #expect([delivery.taken, delivery.refused, delivery.left] == [1, 0, 0])
            #expect(try await theirs.parcels.carried().isEmpty)
            let other = try await world.phone(of: "liwen")
            #expect(try await mine.sync.now().refused == 0)
            #expect(try await mine.sync.status().unsentCommands == 0)
            for phone in [other, mine] {
                #expect(try await phone.tasks.mine().filter { $0.note == "carried" }.map(\.id) == [task])
            }
        }
    }

    @Test("a file that is no parcel is refused and so is one cut short")
    func noParcel() async throws {
        try await World.play { world in
            let (mine, theirs) = (try await world.phone(of: "liwen"), try await world.phone())
            try await mine.tasks.raise(outletId: outlet, note: "cut", dueOn: "2025-03-20").done()
            let packing = try await mine.parcels.pack(into: world.newFolder())
            let file = URL(fileURLWithPath: try #require(packing.files.first))
            let bad = file.deletingLastPathComponent().appendingPathComponent("bad.parcel")
            let whole = try Data(contentsOf: file)
            for (content, code) in [(Data("this is text".utf8), "parcel_unknown"), (whole.prefix(20), "parcel_truncated")] {
                try content.write(to: bad)
                await expectFault(code) { _ = try await theirs.parcels.carry(path: bad.path) }
            }
            await expectFault("file_fault") { _ = try await theirs.parcels.carry(path: bad.path + "-gone") }
            for path in ["", "\0"] {
                await expectArgument("path") { _ = try await theirs.parcels.carry(path: path) }
            }
            #expect(try await theirs.parcels.carried().isEmpty)
        }
    }

    @Test("what was captured is listed in words and its receipt can be shown")
    func ledger() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let visit = try await Walk.arrive(phone)
            let capture = try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0))
            let photo = try capture.done().photoId
            let waiting = try await phone.sync.ledger(most: 100)
            let newest = try #require(waiting.first)
            #expect(waiting.allSatisfy { !$0.what.zh.isEmpty && !$0.what.en.isEmpty })
            #expect(waiting.allSatisfy { !$0.isSent && !$0.hasReceipt && $0.capturedAtMs <= newest.capturedAtMs })
            #expect(try await phone.sync.receipt(id: newest.commandId) == nil)
            #expect(try await phone.sync.ledger(most: 1).count == 1)
            #expect(try await phone.sync.ledger(most: 0).isEmpty)

            _ = try await phone.sync.now()
            _ = try await phone.photos.upload()
            _ = try await phone.sync.now()
            let sent = try await phone.sync.ledger(most: 100)
            #expect(sent.map(\.commandId) == waiting.map(\.commandId))
            #expect(sent.allSatisfy { $0.isSent && $0.hasReceipt })
            for item in [newest.commandId, photo] {
                let receipt = try #require(try await phone.sync.receipt(id: item))
                #expect(receipt.isTrusted && receipt.line.contains(item) && receipt.export.contains(receipt.sha256))
            }
            #expect(try await phone.sync.receiptHealth().problem == nil)
        }
    }
}
