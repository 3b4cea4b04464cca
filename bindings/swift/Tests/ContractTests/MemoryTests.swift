import ContractWorld
import Foundation
import StorewalkKit
import Testing

/// What nobody holds any more goes, and what ends takes everything along.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct MemoryTests {
    @Test("a core that nobody holds is collected and its folder is free again")
    func forgotten() async throws {
        try await World.play { world in
            let (folder, url) = (world.newFolder(), world.server.url)
            let told = try await forget(folder, url)
            try await eventually("its folder is free") {
                do {
                    try await Storewalk.open(setup(folder, url: url)).shutdown()
                    return true
                } catch {
                    guard (error as? StorewalkError)?.code == "already_open" else { throw error }
                    return false
                }
            }
            // Whoever still reads its changes is told that there are no more.
            _ = try await end(told)
        }
    }

    /// Opens a core, begins to read its changes, and lets go of it.
    private func forget(_ folder: String, _ url: String) async throws -> Task<Void, Never> {
        let phone = try await Storewalk.open(setup(folder, url: url))
        let changes = try phone.changes()
        return Task { for await _ in changes {} }
    }

    @Test("opening and ending many times leaves no thread, no file and no listener behind")
    func traces() async throws {
        try await World.play { world in
            let (folder, url) = (world.newFolder(), world.server.url)
            try await openAndEnd(folder, url)
            for _ in 0..<20 {
                try await openAndEnd(folder, url)
            }
            #expect(threads() == [])
            // The thread that ended the core lets go of it a moment after it has said so.
            try await eventually("no file is open") { openFiles(below: folder) == [] }
        }
    }

    private func openAndEnd(_ folder: String, _ url: String) async throws {
        let phone = try await Storewalk.open(setup(folder, url: url))
        var changes = try phone.changes().makeAsyncIterator()
        #expect(await changes.next()?.isFirst == true)
        #expect(!threads().isEmpty, "a core has threads of its own")
        #expect(!openFiles(below: folder).isEmpty, "a core has files open")
        await phone.shutdown()
    }

    @Test("what the host gave goes with the core that had it")
    func hosts() async throws {
        try await World.play { world in
            let gone = Counter()
            for ends in [true, false] {
                try await open(world.newFolder(), world.server.url, ends: ends, gone)
            }
            try await eventually("nobody holds them") { gone.value == 2 }
        }
    }

    /// Opens a core with a host that says when it goes, and lets go of it.
    private func open(_ folder: String, _ url: String, ends: Bool, _ gone: Counter) async throws {
        let kept = Listener(gone: gone)
        let host = PhoneHost(network: {
            kept.calls.add()
            return .offline
        })
        let phone = try await Storewalk.open(setup(folder, url: url), host: host)
        await expectFault("offline") { _ = try await phone.sync.now() }
        #expect(kept.calls.value > 0)
        if ends {
            await phone.shutdown()
        }
    }

    @Test("what crosses is given back")
    func crossing() async throws {
        try await World.play { world in
            let phone = try await world.phone()
            let long = String(repeating: "长", count: 350_000)
            func play(_ times: Int) async {
                for _ in 0..<times {
                    await expectArgument("outlet_id") { _ = try await phone.visits.brief(outletId: long) }
                }
            }
            await play(20)
            let before = residentMegabytes()
            await play(200)
            let after = residentMegabytes()
            // A megabyte crosses each time.
            #expect(after - before < 100, "\(before) MB became \(after) MB")
        }
    }

    /// Threads of cores, by the names the system knows.
    private func threads() -> [String] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        let names = tasks.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
        return names.map { $0.filter { !$0.isWhitespace } }.filter { $0 == "storewalk" }
    }

    /// Files below a folder that this process holds open.
    private func openFiles(below folder: String) -> [String] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let paths = numbers.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
        return paths.filter { $0.hasPrefix(folder) }.sorted()
    }

    private func residentMegabytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        let kilobytes = Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0
        return kilobytes / 1024
    }
}
