import Foundation

/// A server process with the demo world, and the line that leads to it. What it can be told stands in
/// `tests/src/contract`.
public final class ContractServer: Sendable {
    private let process: LineProcess
    /// Where phones reach it.
    public let url: String

    /// Starts a server of its own, with fresh data.
    public init() async throws {
        process = try LineProcess(try setting("STOREWALK_CONTRACT_SERVER"))
        guard let url = await process.line() else {
            throw Fault("the server ended before it listened")
        }
        self.url = url
    }

    /// Sets the server's clock: `2025-03-14T08:40`.
    public func clock(_ local: String) async throws {
        try await order("clock \(local)")
    }

    /// Phones reach the server again; what was held goes on its way.
    public func lineUp() async throws {
        try await order("line up")
    }

    /// What phones send waits on the way.
    public func lineHeld() async throws {
        try await order("line held")
    }

    /// Connections end at once.
    public func lineDown() async throws {
        try await order("line down")
    }

    /// Returns when a request is being held.
    public func awaitHeld() async throws {
        try await order("await held")
    }

    /// The supervisor rejects a photo, with a pin at 31.5 / 42 percent and maybe a photo of how it should look.
    public func reject(photo: String, reason: String, note: String, like example: String? = nil) async throws {
        let reference = example.map { "like \($0) " } ?? ""
        try await order("reject \(photo) \(reason) \(reference)\(note)")
    }

    /// The supervisor approves a photo.
    public func approve(photo: String) async throws {
        try await order("approve \(photo)")
    }

    /// Ends it.
    public func end() async {
        _ = await process.end()
    }

    private func order(_ text: String) async throws {
        await process.say(text)
        let answer = await process.line()
        guard answer == "ok" else {
            throw Fault("the server was told `\(text)` and says: \(answer ?? "nothing any more")")
        }
    }
}

/// What a test needs and does not find.
public struct Fault: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// A setting that the lane gives.
public func setting(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else {
        throw Fault("\(name) is not set; run `cargo xtask test swift`")
    }
    return value
}
