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
