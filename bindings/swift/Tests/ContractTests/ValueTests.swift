import ContractWorld
import StorewalkKit
import Testing

/// What crosses comes out as it went in, or is refused in words; nothing brings the host down.
@Suite(.timeLimit(.minutes(2)))
struct ValueTests {
    @Test("emoji, rare Hanzi and combining marks come back letter for letter")
    func texts() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let notes = [
                "补货 😀👩‍👩‍👧‍👦🇨🇳", "𠮷野家 𰻞𰻞面 㐂 龘", "é e\u{301} \u{202e}abc", "\"'\\;--\n\t%s{}",
            ]
            var ids: [String] = []
            for note in notes {
                let outlet = idOf("outlet", "S0101")
                ids.append(try await phone.tasks.raise(outletId: outlet, note: note, dueOn: "2025-03-20").done())
            }
            #expect(try await phone.sync.now().refused == 0)
            for reader in [phone, try await world.phone(of: "liwen")] {
                let tasks = try await reader.tasks.mine()
                for (id, note) in zip(ids, notes) {
                    // By its bytes: two ways to write é are the same text to Swift.
                    let kept = try #require(tasks.first { $0.id == id }?.note)
                    #expect(Array(kept.utf8) == Array(note.utf8))
                }
            }
        }
    }

    @Test("a NUL in a text comes back or is refused, and what is around it stays")
    func nul() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let outlet = idOf("outlet", "S0101")
            let attempt = try await phone.tasks.raise(outletId: outlet, note: "before\0after", dueOn: "2025-03-20")
            #expect(attempt.problems.map(\.code) == ["text_invalid"])
            #expect(try await phone.plan.today().calls.count == 8)
        }
    }

    @Test("half a character is refused and the core works on")
    func half() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            // Swift's strings cannot hold half a character: it is replaced before it gets here.
            let half = String(decoding: [0xD83D] as [UInt16], as: UTF16.self)
            let outlet = idOf("outlet", "S0101")
            let id = try await phone.tasks.raise(outletId: outlet, note: half, dueOn: "2025-03-20").done()
            #expect(try await phone.tasks.mine().first { $0.id == id }?.note == "\u{FFFD}")
            #expect(try await phone.plan.today().calls.count == 8)
        }
    }

    @Test("numbers at their limits are taken or refused, never wrapped")
    func numbers() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "jiangbei")
            let draft = try await phone.orders.createDraft(dealerId: idOf("dealer", "D01")).done()
            for quantity in [0, UInt32.max, UInt32(Int32.max) + 1] {
                let product = idOf("product", "P1")
                let attempt = try await phone.orders.setLine(draftId: draft, productId: product, quantity: quantity)
                if case .done(let view) = attempt, quantity > 0 {
                    #expect(view.lines.map(\.quantity) == [quantity])
                    let payable = view.priced?.payable.minor
                    #expect(payable ?? 1 > 0, "\(quantity) cost \(payable as Any)")
                } else {
                    #expect(quantity == 0 || !attempt.problems.isEmpty)
                }
            }
            #expect(Money(minor: .min, currency: .cny).text == "-92,233,720,368,547,758.08")
            #expect(Money(minor: -1, currency: .cny).text == "-0.01")
            #expect(Money(minor: .max, currency: .cny).text == "92,233,720,368,547,758.07")
        }
    }

    @Test("the copy of a photo is as large as the host wants it or there is none")
    func copies() async throws {
        try await World.play { world in
            // A stamp that can be read needs 320 pixels; the picture has 348.
            let edges: [(UInt32, Int?)] = [(330, 330), (1, 320), (.max, 348), (0, nil)]
            for (edge, longest) in edges {
                let setup = setup(world.newFolder(), url: world.server.url, copyLongEdge: edge)
                let phone = try await world.phone(of: "liwen", setup)
                let visit = try await Walk.arrive(phone)
                try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()
                let photo = try #require(try await phone.photos.ofVisit(visit).first)
                #expect(try photo.stampedPath.map(longestSide) == longest)
                await phone.shutdown()
            }
        }
    }

    /// The longer side of a JPEG, as its frame's header says (ITU-T T.81, B.2.2).
    private func longestSide(_ path: String) throws -> Int {
        let data = [UInt8](try bytes(path))
        let word = { Int(data[$0]) << 8 | Int(data[$0 + 1]) }
        var at = 2
        while data[at + 1] != 0xC0 && data[at + 1] != 0xC2 {
            at += 2 + word(at + 2)
        }
        return max(word(at + 5), word(at + 7))
    }

    @Test("a price is an exact number or no price")
    func prices() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let visit = try await Walk.arrive(phone)
            let asked = Box<Question>()
            _ = try await Walk.through(phone, visit) { if case .price = $0.kind { asked.value = $0 } }
            let question = try #require(asked.value)
            let answer = { @Sendable (price: String) async throws -> Attempt<Void> in
                try await phone.checklists.answer(visitId: visit, question: question, with: .price(value: price))
            }
            try await answer("949.00").done()
            for price in ["", "NaN", "1e400", "9,49", "９４９", String(repeating: "1", count: 60), "\0"] {
                await expectArgument("answer") { _ = try await answer(price) }
            }
            for price in ["-1", "79228162514264337593543950335"] {
                #expect(try await !answer(price).problems.isEmpty, "\(price)")
            }
            let kept = Walk.answers(try await phone.visits.view(visitId: visit))
            #expect(kept["\(question.item) \(question.instance)"] == .price(value: "949.00"))
        }
    }
}
