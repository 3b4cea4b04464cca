import ContractWorld
import Foundation
import StorewalkKit
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Files sent by the host, a network that returns, and the core's log in the host's.
@Suite(.timeLimit(.minutes(2)))
struct HostTests {
    @Test("files that the host sends arrive and are believed only when the server says so")
    func transport() async throws {
        try await World.play { world in
            let bag = Box<[TransferRequest]>()
            bag.value = []
            let courier = PhoneHost(enqueue: { request in
                let requests = bag.value ?? []
                guard requests.count < 2 else { throw Fault("the bag is full") }
                bag.value = requests + [request]
            })
            let phone = try await world.phone(of: "liwen", host: courier)
            let visit = try await Walk.arrive(phone)
            for (place, zone) in ["product_zone", "storefront"].enumerated() {
                try await phone.photos.capture(visitId: visit, zone: zone, path: try picture(place)).done()
            }
            _ = try await phone.sync.now()
            // The third does not fit the bag and is due again.
            #expect(try await phone.photos.handOut(most: 3) == 2)
            let requests = try #require(bag.value)
            #expect(requests.allSatisfy { $0.offset == 0 && $0.length > 0 })
            #expect(try await sent(requests[0]) == 204)
            for request in requests {
                try await phone.photos.transferEnded(id: request.id)
            }
            let report = try await phone.photos.upload()
            #expect([report.thumbnails, report.originals] == [2, 2] && report.error == nil)
            _ = try await phone.sync.now()
            #expect(try await phone.photos.ofVisit(visit).allSatisfy { $0.status == .received })
        }
    }

    @Test("of sealed data the host is handed a plain copy that goes when its transfer has ended")
    func sealedTransport() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let bag = Box<[TransferRequest]>()
            var host = Keys(1).host
            host.enqueue = { bag.value = (bag.value ?? []) + [$0] }
            let phone = try await world.phone(of: "liwen", in: folder, host: host)
            let visit = try await Walk.arrive(phone)
            try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()
            _ = try await phone.sync.now()
            #expect(try await phone.photos.handOut(most: 9) == 2)
            let requests = try #require(bag.value)
            let copy = try #require(requests.last)
            #expect(copy.filePath.hasPrefix("/"))
            #expect(try bytes(copy.filePath) == bytes(picture(0)))
            #expect(try Int(copy.length) == bytes(copy.filePath).count)
            #expect(try picturesIn(folder + "/photos") == [])
            try await phone.pause()
            #expect(FileManager.default.fileExists(atPath: copy.filePath), "suspended is what it is sent in")
            try await phone.resume()
            for request in requests {
                #expect(try await sent(request) == 204)
                try await phone.photos.transferEnded(id: request.id)
            }
            #expect(try picturesIn(folder + "/outgoing") == [])
            let report = try await phone.photos.upload()
            #expect([report.thumbnails, report.originals] == [1, 1] && report.error == nil)
            _ = try await phone.sync.now()
            #expect(try await phone.photos.ofVisit(visit).map(\.status) == [.received])
        }
    }

    @Test("a copy that was handed out outlives a kill until its transfer has ended")
    func killedTransport() async throws {
        try await World.play { world in
            let folder = world.newFolder()
            let before = try await world.phone(of: "liwen", in: folder, host: Keys(1).host)
            let visit = try await Walk.arrive(before)
            try await before.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()
            _ = try await before.sync.now()
            await before.shutdown()
            let child = try setting("STOREWALK_CONTRACT_CHILD")
            let app = try LineProcess(child, ["hand", folder, world.server.url])
            var handed: [[Substring]] = []
            for _ in 0..<2 {
                handed.append(try #require(await app.line()).split(separator: " ", maxSplits: 1))
            }
            _ = await app.kill()
            let phone = try await world.phone(in: folder, host: Keys(1).host)
            #expect(try bytes(String(handed[1][1])) == bytes(picture(0)))
            #expect(try await phone.photos.upload().originals == 0, "it may still be on its way")
            for words in handed {
                try await phone.photos.transferEnded(id: String(words[0]))
                #expect(!FileManager.default.fileExists(atPath: String(words[1])))
            }
            let report = try await phone.photos.upload()
            #expect([report.thumbnails, report.originals] == [1, 1] && report.error == nil)
        }
    }

    @Test("originals wait for a network that is not paid for by volume unless they are wanted now")
    func metered() async throws {
        try await World.play { world in
            let metered = PhoneHost(network: { .metered })
            func taken(_ phone: Storewalk, _ outlet: String) async throws {
                let visit = try await Walk.arrive(phone, at: outlet)
                try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()
                _ = try await phone.sync.now()
            }
            let phone = try await world.phone(of: "liwen", host: metered)
            try await taken(phone, "S0101")
            for _ in 0..<2 {
                #expect(try await phone.photos.upload().originals == 0)
            }
            #expect(try await phone.sync.status().unsentPhotos == 1)
            try await phone.photos.sendOriginalsNow()
            #expect(try await phone.photos.upload().originals == 1)
            let setup = setup(world.newFolder(), url: world.server.url, originalsWaitDays: 0)
            let hasty = try await world.phone(of: "wangqiang", setup, host: metered)
            try await taken(hasty, "S0601")
            #expect(try await hasty.photos.upload().originals == 1)
        }
    }

    @Test("a service of the host may call the core from inside its call")
    func fromInside() async throws {
        try await World.play { world in
            let (folder, url) = (world.newFolder(), world.server.url)
            let (mine, answered) = (Box<Storewalk>(), Box<Set<String>>())
            let call = { @Sendable (what: String) in
                guard let phone = mine.value else { return }
                wait {
                    _ = try? await phone.sync.status()
                    try? await phone.sync.networkReturned()
                }
                answered.value = (answered.value ?? []).union([what])
            }
            let calling = PhoneHost(
                key: { name in
                    let code = Box<String>()
                    wait {
                        do {
                            _ = try await Storewalk.open(setup(folder, url: url))
                        } catch {
                            code.value = (error as? StorewalkError)?.code
                        }
                    }
                    guard code.value == "already_open" else { throw Fault("it was opened") }
                    call("key")
                    return Data(repeating: UInt8(name.utf8.count), count: 32)
                },
                network: {
                    call("network")
                    return .unmetered
                },
                freeBytes: { _ in
                    call("room")
                    return .max
                },
                latestFix: {
                    call("place")
                    return nil
                },
                enqueue: { _ in call("transfer") }
            )
            let phone = try await world.phone(in: folder, host: calling)
            mine.value = phone
            _ = try await phone.session.signIn(login: "liwen", password: password)
            _ = try await phone.sync.now()
            let visit = try await phone.visits.start(outletId: idOf("outlet", "S0101")).done().visitId
            try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()
            _ = try await phone.sync.now()
            #expect(try await phone.photos.handOut(most: 9) == 2)
            try await phone.rotateKey()
            mine.value = nil
            #expect(answered.value == ["key", "network", "room", "place", "transfer"])
        }
    }

    /// Sends a request as a background session would; the server's answer.
    private func sent(_ transfer: TransferRequest) async throws -> Int {
        var request = URLRequest(url: try #require(URL(string: transfer.url)))
        request.httpMethod = transfer.method
        for (name, value) in transfer.headers {
            request.setValue(value, forHTTPHeaderField: name)
        }
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: transfer.filePath))
        try file.seek(toOffset: transfer.offset)
        let body = try #require(try file.read(upToCount: Int(transfer.length)))
        try file.close()
        let (_, answer) = try await URLSession.shared.upload(for: request, from: body)
        return try #require(answer as? HTTPURLResponse).statusCode
    }

    @Test("without a transport nothing is handed out")
    func noTransport() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let visit = try await Walk.arrive(phone)
            try await phone.photos.capture(visitId: visit, zone: "product_zone", path: try picture(0)).done()
            _ = try await phone.sync.now()
            #expect(try await phone.photos.handOut(most: 10) == 0)
            #expect(try await phone.photos.upload().originals == 1)
        }
    }

    @Test("when the network returns what waited for it is due")
    func networkReturns() async throws {
        try await World.play { world in
            let phone = try await world.phone(of: "liwen")
            let outlet = idOf("outlet", "S0101")
            try await phone.tasks.raise(outletId: outlet, note: "waits", dueOn: "2025-03-20").done()
            try await world.server.lineDown()
            for _ in 0..<6 {
                await expectFault("offline") { _ = try await phone.sync.now() }
            }
            let waiting = try await phone.sync.status()
            #expect(waiting.failures == 6)
            #expect(waiting.nextAttemptAtMs - nowMs() > 20_000, "after six failures it waits for half a minute at least")
            try await phone.sync.networkReturned()
            #expect(try await phone.sync.status().nextAttemptAtMs <= nowMs() + 2_000)
            try await world.server.lineUp()
            #expect(try await phone.sync.now().commandsSent == 1)
            let kind = try await phone.sync.status().state.kind
            #expect(kind != .waitsForNetwork && kind != .sending)
        }
    }

    private func nowMs() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000)
    }

    @Test("the log reaches the host and names nobody")
    func log() async throws {
        try await World.play { world in
            let (lines, secret) = (Counter(), Counter())
            let isOurs = Log.listen(most: .debug) { _, _, line in
                lines.add()
                if ["李雯", password, "Bearer"].contains(where: line.contains) {
                    secret.add()
                }
            }
            #expect(isOurs)
            _ = try await world.phone(of: "liwen")
            Log.stop()
            #expect(lines.value > 0, "a sign-in and a sync leave a trace")
            #expect(secret.value == 0)
        }
    }
}
