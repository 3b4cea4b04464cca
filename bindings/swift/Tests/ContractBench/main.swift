// What a call into the core and a call back cost. Prints figures; judges nothing.

import ContractWorld
import Foundation
import StorewalkKit

let rounds = 3_000

func microseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e6 + Double(duration.components.attoseconds) / 1e12
}

func say(_ what: String, _ microseconds: Double, _ more: String = "") {
    let name = what.padding(toLength: 52, withPad: " ", startingAt: 0)
    print("\(name) \(String(format: "%10.2f", microseconds)) µs  \(more)")
}

/// The median of many rounds after as many to warm up.
func measure(_ what: String, _ call: () async throws -> Void) async rethrows {
    let clock = ContinuousClock()
    var took: [Double] = []
    for round in 0..<2 * rounds {
        let began = clock.now
        try await call()
        if round >= rounds {
            took.append(microseconds(clock.now - began))
        }
    }
    took.sort()
    say(what, took[rounds / 2], String(format: "%.2f µs at the 99th percentile", took[rounds * 99 / 100]))
}

let folder = FileManager.default.temporaryDirectory.appendingPathComponent("storewalk-bench-\(UUID().uuidString)")
let loading = ContinuousClock.now
let version = Storewalk.version
say("check the library (core \(version))", microseconds(.now - loading))
// Nobody listens there, and the host says so before anybody asks.
let host = PhoneHost(network: { .offline })
let opening = ContinuousClock.now
let phone = try await Storewalk.open(setup(folder.path, url: "http://127.0.0.1:9"), host: host)
say("open an empty core", microseconds(.now - opening))
await measure("a call that answers at once") { _ = phone.life }
await measure("a call that returns a record") { _ = phone.sync.traffic() }
try await measure("an async call that reads the database") { _ = try await phone.session.person() }
try await measure("an async call that returns nested records") { _ = try await phone.sync.status() }
await measure("the same, ending with an error") { _ = try? await phone.plan.today() }
await measure("an async call that asks the host first") { _ = try? await phone.sync.now() }
await phone.shutdown()
try FileManager.default.removeItem(at: folder)

let sealing = ContinuousClock.now
let sealed = try await Storewalk.open(setup(folder.path, url: "http://127.0.0.1:9"), host: Keys(7).host)
say("open an empty core, under a key", microseconds(.now - sealing))
try await measure("reading the database, under a key") { _ = try await sealed.session.person() }
try await measure("returning nested records, under a key") { _ = try await sealed.sync.status() }
await sealed.shutdown()
try FileManager.default.removeItem(at: folder)
