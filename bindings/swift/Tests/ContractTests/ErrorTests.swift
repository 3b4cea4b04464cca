import ContractWorld
import Foundation
import StorewalkKit
import Testing

/// What goes wrong comes as one of a few kinds with a stable code and words; what the rules refuse comes as a value.
@Suite(.timeLimit(.minutes(2)))
struct ErrorTests {
    @Test("each fault has its kind, its code and words in both languages")
    func kinds() async throws {
        try await World.play { world in
            let phone = try await world.phone()
            let outside = await expectFault("signed_out") { _ = try await phone.plan.today() }
            guard case .signedOut = outside else { throw Fault("not signed out: \(outside as Any)") }
            let wrong = await expectFault("sign_in_failed") {
                _ = try await phone.session.signIn(login: "liwen", password: "wrong")
            }
            guard case .rejected = wrong else { throw Fault("not rejected: \(wrong as Any)") }
            _ = try await phone.session.signIn(login: "liwen", password: password)
            _ = try await phone.sync.now()
            let unknown = await expectFault("not_found") {
                _ = try await phone.visits.brief(outletId: idOf("outlet", "nowhere"))
            }
            guard case .rejected = unknown else { throw Fault("not rejected: \(unknown as Any)") }
            try await world.server.lineDown()
            let offline = await expectFault("offline") { _ = try await phone.sync.now() }
            guard case .unreachable(_, nil) = offline else { throw Fault("reachable: \(offline as Any)") }
            let outlet = idOf("outlet", "S0101")
            try await phone.tasks.raise(outletId: outlet, note: "unsent", dueOn: "2025-03-20").done()
            let unsent = await expectFault("unsent") { try await phone.session.signOut() }
            guard case .unsent(_, 1, 0, 0) = unsent else { throw Fault("not unsent: \(unsent as Any)") }
            #expect(unsent?.localizedDescription.isEmpty == false)
        }
    }

    @Test("an argument that cannot be read is named")
    func arguments() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            for id in ["", "S0101", "\0", "😀", String(repeating: "0", count: 10_000)] {
                await expectArgument("outlet_id") { _ = try await phone.visits.brief(outletId: id) }
            }
            await expectArgument("date") { _ = try await phone.plan.on("14.03.2025") }
            await expectArgument("visit_id") {
                _ = try await phone.photos.capture(visitId: "x", zone: "product_zone", path: try picture(0))
            }
            for tilt in [Float.nan, .infinity, -.infinity, 181] {
                await expectArgument("tilt") {
                    _ = try await phone.photos.capture(
                        visitId: idOf("visit", "none"), zone: "product_zone", path: try picture(0), tilt: tilt)
                }
            }
            let outlet = idOf("outlet", "S0101")
            let places = [(Double.nan, 5.0), (.infinity, 5), (91, 5), (30.5, .nan)]
            for (lat, accuracy) in places {
                let position = Position(lat: lat, lon: 114, datum: .wgs84)
                let fix = Fix(position: position, accuracyM: accuracy, isMock: false)
                await expectArgument("fix") { _ = try await phone.visits.start(outletId: outlet, fix: fix) }
            }
        }
    }

    @Test("what the rules refuse is a value with reasons and changes nothing")
    func refusals() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let visit = try await Walk.arrive(phone)
            let problems = try await phone.visits.finish(visitId: visit).problems
            #expect(!problems.isEmpty)
            #expect(problems.allSatisfy { !$0.code.isEmpty && !$0.what.zh.isEmpty && !$0.nextStep.en.isEmpty })
            #expect(try await phone.visits.open()?.id == visit)
            let question = try #require(try await Walk.questions(phone, visit, 4).first)
            for answer in [Answer.text(value: "not what is asked"), .count(value: .min)] {
                let attempt = try await phone.checklists.answer(visitId: visit, question: question, with: answer)
                #expect(!attempt.problems.isEmpty, "\(answer)")
            }
            for step in [99, -1, 300, Int.max] {
                #expect(try await !phone.checklists.beginStep(visitId: visit, step: step).problems.isEmpty, "\(step)")
            }
        }
    }

    @Test("a file that is no picture is refused and a missing one too")
    func pictures() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let visit = try await Walk.arrive(phone)
            let folder = world.newFolder()
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let text = folder + "/no-picture.jpg"
            try Data("this is text".utf8).write(to: URL(fileURLWithPath: text))
            let refused = try await phone.photos.capture(visitId: visit, zone: "product_zone", path: text)
            #expect(!refused.problems.isEmpty)
            for path in [text + "-gone", "", "\0", "/"] {
                await expectFault("file_fault") {
                    _ = try await phone.photos.capture(visitId: visit, zone: "product_zone", path: path)
                }
            }
            #expect(try await phone.photos.ofVisit(visit).isEmpty)
        }
    }

    @Test("a folder or an address that cannot be used is refused at the door")
    func door() async throws {
        try await World.play { world in
            let url = world.server.url
            let file = world.newFolder()
            try Data().write(to: URL(fileURLWithPath: file))
            for path in [file, file + "/below", world.newFolder() + String(repeating: "x", count: 300)] {
                let fault = await expectFault("file_fault") { _ = try await Storewalk.open(setup(path, url: url)) }
                guard case .storage = fault else { throw Fault("not storage: \(fault as Any)") }
            }
            for wrong in ["", "shop", "ftp://example.test", "http://"] {
                await expectArgument("server_url") { _ = try await world.phone(url: wrong) }
            }
            for path in ["", "a\0b"] {
                await expectArgument("folder") { _ = try await Storewalk.open(setup(path, url: url)) }
            }
            await expectArgument("zone") {
                _ = try await Storewalk.open(setup(world.newFolder(), url: url, zone: "Mars/Olympus"))
            }
        }
    }

    @Test("a key that is locked, gone or none keeps the core closed and leaves its folder free")
    func keys() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let stores: [(String, @Sendable (String) throws -> Data)] = [
                ("key_locked", { _ in throw HostError.locked }),
                ("key_gone", { _ in throw HostError.gone }),
                ("key_unusable", { _ in Data(count: 31) }),
                ("key_unusable", { _ in throw Fault("a fault in the app") }),
            ]
            for (code, store) in stores {
                let fault = await expectFault(code) { _ = try await world.phone(in: folder, host: PhoneHost(key: store)) }
                guard case .storage = fault else { throw Fault("not storage: \(fault as Any)") }
            }
            let asked = Counter()
            let good = PhoneHost(key: { _ in
                asked.add()
                return Data(0..<32)
            })
            _ = try await world.phone(in: folder, host: good).sync.status()
            #expect(asked.value == 1)
        }
    }

    @Test("a host that knows something is asked and one that throws is done without")
    func host() async throws {
        try await World.play { world in
            let offline = try await world.phone(host: PhoneHost(network: { .offline }))
            await expectFault("offline") { _ = try await offline.session.signIn(login: "liwen", password: password) }
            let broken = PhoneHost(
                network: { throw Fault("a fault in the app") },
                freeBytes: { _ in throw Fault("a fault in the app") },
                latestFix: { throw HostError.notAllowed }
            )
            let phone = try await world.phone(of: "liwen", host: broken)
            let visit = try await Walk.arrive(phone)
            try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()

            let fix = Fix(
                position: Position(lat: 30.5, lon: 114.3, datum: .wgs84), accuracyM: 5, isMock: false)
            let full = try await world.phone(of: "wangqiang", host: PhoneHost(freeBytes: { _ in 1_000 }, latestFix: { fix }))
            let theirs = try await full.visits.start(outletId: idOf("outlet", "S0601")).done()
            #expect(theirs.distanceM != nil, "the host was asked where the phone is")
            await expectFault("storage_full") {
                _ = try await full.photos.capture(visitId: theirs.visitId, zone: "product_zone", path: try picture(0))
            }
        }
    }
}
