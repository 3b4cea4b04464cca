import ContractWorld
import Foundation
import StorewalkKit
import Testing

/// What a day in the field needs, from signing in to a photo that comes back.
@Suite(.timeLimit(.minutes(2)))
struct FieldDayTests {
    @Test("signing in enrols the phone and the plan of the day comes with the first sync")
    func signIn() async throws {
        try await World.play { world in
            let phone = try await world.phone()
            #expect(try await phone.session.person() == nil)
            let person = try await phone.session.signIn(login: "liwen", password: password)
            #expect([person.name, person.code] == ["李雯", "R001"])
            #expect(person.role == .rep)
            #expect(try await phone.sync.now().isComplete)
            let today = try await phone.plan.today()
            #expect(today.date == "2025-03-14")
            #expect(today.calls.prefix(3).map(\.outletCode) == ["S0101", "S0103", "S0102"])
            #expect(today.calls.count == 8)
            #expect(today.calls.allSatisfy { $0.state == .planned })
        }
    }

    @Test("a whole visit is made without a network and arrives with its photos")
    func visit() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            try await world.server.lineDown()
            try await world.server.clock("2025-03-14T08:43")
            let visit = try await Walk.arrive(phone)
            let distance = try #require(try await phone.visits.view(visitId: visit).checkIn?.distanceM)
            #expect(abs(distance - 38) < 0.5)
            let photos = try await Walk.through(phone, visit)
            #expect(photos.count == 5)
            let finished = try await phone.visits.finish(visitId: visit).done()
            #expect(finished.hitPct == "80.0")
            #expect(finished.summary.score.total == "85")
            #expect(Walk.answers(try await phone.visits.view(visitId: visit)).count == 45)
            #expect(finished.tasks.filter { $0.kind == "assortment_gap" }.count == 1)
            let waiting = try await phone.sync.status()
            #expect(waiting.unsentCommands > 45)
            #expect(waiting.unsentPhotos == 5)

            try await world.server.lineUp()
            let sent = try await phone.sync.now()
            #expect(sent.refused == 0 && sent.isComplete)
            let upload = try await phone.photos.upload()
            #expect([upload.thumbnails, upload.originals] == [5, 5])
            _ = try await phone.sync.now()
            let after = try await phone.sync.status()
            #expect([after.unsentCommands, after.unsentPhotos] == [0, 0])
            #expect(after.state.waiting == 0)
            #expect(try await phone.photos.ofVisit(visit).allSatisfy { $0.status == .received })
            let call = try await phone.plan.today().calls.first { $0.outletCode == "S0101" }
            #expect(call?.state == .done)
        }
    }

    @Test("an order is priced with its trace and placed")
    func order() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "jiangbei")
            try await world.server.lineDown()
            let draft = try await phone.orders.createDraft(dealerId: idOf("dealer", "D01")).done()
            let ask = { @Sendable (product: String, quantity: UInt32) async throws -> Draft in
                let product = idOf("product", product)
                return try await phone.orders.setLine(draftId: draft, productId: product, quantity: quantity).done()
            }
            _ = try await ask("P1", 20)
            _ = try await ask("P2", 10)
            let view = try await ask("A10", 40)
            let priced = try #require(view.priced)
            #expect(priced.priceListCode == "v7")
            #expect(priced.lines.map(\.amount.text) == ["17,200.00", "13,900.00", "960.00"])
            #expect(priced.payable.text == "31,418.80")
            #expect(priced.lines.allSatisfy { $0.trace.contains { if case .listPrice = $0 { true } else { false } } })
            let gift = try #require(priced.gifts.first { $0.quantity == 2 })
            #expect(gift.trace.contains { if case .giftEarned = $0 { true } else { false } })
            let rebate = try #require(priced.rebate)
            #expect(rebate.trace.contains { if case .ladderReached = $0 { true } else { false } })
            #expect(view.explanation.allSatisfy { !$0.zh.isEmpty && !$0.en.isEmpty })
            #expect(try await ask("P1", 10).priced?.payable.text == "23,460.00")
            _ = try await ask("P1", 20)

            let placed = try await phone.orders.submit(draftId: draft).done()
            #expect(try await !phone.orders.view(orderId: placed.orderId).hasArrived)
            try await world.server.lineUp()
            _ = try await phone.sync.now()
            let order = try await phone.orders.view(orderId: placed.orderId)
            #expect(order.hasArrived)
            #expect(order.payable.text == "31,418.80")
            // The dealer's books leave less room than that.
            #expect(order.status == .held)
            #expect(try await phone.notices.items().contains { $0.kind == .held })
        }
    }

    @Test("a rejected photo comes back with its reason and is taken again")
    func retake() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let visit = try await Walk.arrive(phone)
            let photo = try await Walk.through(phone, visit)[1]
            try await phone.visits.finish(visitId: visit).done()
            try await send(phone)
            #expect(try await phone.photos.rejected().isEmpty)

            let note = "第二层左边空了一个位置"
            try await world.server.reject(photo: photo, reason: "empty_slot", note: note)
            _ = try await phone.sync.now()
            let retakes = try await phone.photos.rejected()
            let retake = try #require(retakes.first)
            #expect(retakes.count == 1 && retake.photo.id == photo)
            #expect(retake.verdict.note == note)
            #expect(retake.verdict.pin == Pin(x: 0.315, y: 0.42))
            #expect(try await phone.visits.view(visitId: visit).summary?.score.total == "73")

            let (zone, path) = (retake.photo.zone, try picture(11))
            let captured = try await phone.photos.capture(visitId: visit, zone: zone, path: path, replaces: photo)
            let again = try captured.done().photoId
            #expect(try await phone.photos.rejected().isEmpty)
            try await send(phone)
            try await world.server.approve(photo: again)
            _ = try await phone.sync.now()
            let photos = try await phone.photos.ofVisit(visit)
            #expect(photos.first { $0.id == photo }?.replacedBy == again)
            #expect(photos.first { $0.id == again }?.replaces == photo)
            #expect(photos.first { $0.id == again }?.status == .approved)
            #expect(try await phone.visits.view(visitId: visit).summary?.score.total == "85")
        }
    }

    @Test("a retake shows without a network how a colleague took it")
    func reference() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let rejected = try await taken(phone, "S0101", 1)
            let colleague = try await world.phone(of: "wangqiang")
            let example = try await taken(colleague, "S0107", 2)
            try await world.server.reject(
                photo: rejected.id, reason: "empty_slot", note: "像这样摆满", like: example.id)
            _ = try await phone.sync.now()
            try await world.server.lineDown()
            let retakes = try await phone.photos.rejected()
            let verdict = try #require(retakes.first).verdict
            #expect(verdict.referencePhotoId == example.id)
            let shown = try #require(verdict.referencePath)
            let own = try #require(example.thumbnailPath)
            #expect(FileManager.default.contents(atPath: shown) == FileManager.default.contents(atPath: own))

            let path = try picture(3)
            let again = try await phone.photos.capture(
                visitId: rejected.visitId, zone: "product_zone", path: path, replaces: rejected.id)
            _ = try again.done()
            try await world.server.lineUp()
            _ = try await phone.sync.now()
            #expect(!FileManager.default.fileExists(atPath: shown))
        }
    }

    private func taken(_ phone: Storewalk, _ outlet: String, _ number: Int) async throws -> Photo {
        let visit = try await Walk.arrive(phone, at: outlet)
        _ = try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(number)).done()
        try await send(phone)
        let photos = try await phone.photos.ofVisit(visit)
        return try #require(photos.first)
    }

    private func send(_ phone: Storewalk) async throws {
        _ = try await phone.sync.now()
        _ = try await phone.photos.upload()
        _ = try await phone.sync.now()
    }
}
