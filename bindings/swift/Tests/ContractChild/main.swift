// Another process with a phone core, for what one process alone cannot show: `work`, `hold`, `hand` or `leave`, then the
// folder, the server's address and an outlet's code.

import ContractWorld
import Foundation
import StorewalkKit

func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

/// Answers question after question, and says so after each, until it is killed.
func work(_ folder: String, _ url: String, _ outlet: String) async throws {
    let phone = try await Storewalk.open(setup(folder, url: url), host: Keys(1).host)
    let visit = try await Walk.arrive(phone, at: outlet)
    say("visit \(visit)")
    _ = try await Walk.through(phone, visit) { say("answered \($0.item) \($0.instance)") }
    while true {
        let raised = try await phone.tasks.raise(outletId: idOf("outlet", outlet), note: "one more", dueOn: "2025-03-20")
        say("raised \(try raised.done())")
    }
}

/// Opens the folder, or says why not, and keeps it until it is killed.
func hold(_ folder: String, _ url: String) async throws {
    do {
        let phone = try await Storewalk.open(setup(folder, url: url))
        say("open")
        for await _ in try phone.changes() {}
    } catch {
        say(error.code)
    }
}

/// Hands out what is due and says where it lies, until it is killed.
func hand(_ folder: String, _ url: String) async throws {
    var host = Keys(1).host
    host.enqueue = { say("\($0.id) \($0.filePath)") }
    let phone = try await Storewalk.open(setup(folder, url: url), host: host)
    _ = try await phone.photos.handOut(most: 9)
    for await _ in try phone.changes() {}
}

/// Leaves with everything alive: a listener, a call under way, a core that nobody shut down.
func leave(_ folder: String, _ url: String) async throws {
    let phone = try await Storewalk.open(setup(folder, url: url))
    var changes = try phone.changes().makeAsyncIterator()
    for _ in 0..<4 {
        Task { while true { _ = try? await phone.sync.status() } }
    }
    _ = await changes.next()
    say("leaving")
}

let arguments = CommandLine.arguments
switch arguments[1] {
case "work": try await work(arguments[2], arguments[3], arguments[4])
case "hold": try await hold(arguments[2], arguments[3])
case "hand": try await hand(arguments[2], arguments[3])
case "leave": try await leave(arguments[2], arguments[3])
default: throw Fault("`\(arguments[1])` is no work")
}
