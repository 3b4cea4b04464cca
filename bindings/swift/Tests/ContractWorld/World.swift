import Foundation
import StorewalkKit

/// Everybody's password in the demo world.
public let password = "qiming-2025"

/// One server, and phones in folders of their own; all of it gone at the end.
public actor World {
    public nonisolated let server: ContractServer
    private let folder: URL
    private var phones: [Storewalk] = []

    private init() async throws {
        server = try await ContractServer()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("storewalk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Plays a scenario in a world of its own.
    public static func play(_ scenario: @Sendable (World) async throws -> Void) async throws {
        let world = try await World()
        do {
            try await scenario(world)
        } catch {
            await world.end()
            throw error
        }
        await world.end()
    }

    private func end() async {
        for phone in phones {
            await phone.shutdown()
        }
        await server.end()
        try? FileManager.default.removeItem(at: folder)
    }

    /// A folder that nobody has used.
    public nonisolated func newFolder() -> String {
        folder.appendingPathComponent("phone-\(UUID().uuidString)").path
    }

    /// Opens a phone; it is shut down at the end of the test.
    public func phone(in folder: String? = nil, host: PhoneHost = PhoneHost(), url: String? = nil) async throws -> Storewalk {
        try await phone(setup(folder ?? newFolder(), url: url ?? server.url), host: host)
    }

    /// The same as told.
    public func phone(_ setup: Setup, host: PhoneHost = PhoneHost()) async throws -> Storewalk {
        let phone = try await Storewalk.open(setup, host: host)
        phones.append(phone)
        return phone
    }

    /// A phone on which somebody is signed in and which is in step with the server.
    public func phone(of login: String, in folder: String? = nil, host: PhoneHost = PhoneHost()) async throws -> Storewalk {
        try await phone(of: login, setup(folder ?? newFolder(), url: server.url), host: host)
    }

    /// The same as told.
    public func phone(of login: String, _ setup: Setup, host: PhoneHost = PhoneHost()) async throws -> Storewalk {
        let phone = try await phone(setup, host: host)
        _ = try await phone.session.signIn(login: login, password: password)
        _ = try await phone.sync.now()
        return phone
    }
}

/// The phone as it introduces itself.
public func setup(
    _ folder: String,
    url: String,
    zone: String = "Asia/Shanghai",
    copyLongEdge: UInt32 = 1_600,
    originalsWaitDays: UInt8 = 1
) -> Setup {
    Setup(
        folder: folder, serverUrl: url, platform: "ios", deviceName: "contract", appVersion: "0.1.0", zone: zone,
        copyLongEdge: copyLongEdge, originalsWaitDays: originalsWaitDays)
}

/// Waits until something holds that nothing announces.
public func eventually(_ what: String, _ holds: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while try await !holds() {
        guard ContinuousClock.now < end else {
            throw Fault("never came to be: \(what)")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// How a task ended, which it must do within twenty seconds: one that hangs fails its test and holds up no other.
public func end<Value: Sendable, Failure: Error>(_ task: Task<Value, Failure>) async throws -> Result<Value, Failure> {
    let (ends, end) = AsyncStream.makeStream(of: Result<Value, Failure>.self)
    Task {
        end.yield(await task.result)
        end.finish()
    }
    let giveUp = Task {
        try await Task.sleep(for: .seconds(20))
        end.finish()
    }
    defer { giveUp.cancel() }
    for await result in ends {
        return result
    }
    throw Fault("it hangs")
}

extension Attempt {
    /// What was done, where the story needs it to be done.
    @discardableResult
    public func done() throws -> Value {
        switch self {
        case .done(let value): return value
        case .refused(let problems): throw Fault("refused: \(problems)")
        }
    }
}

/// The bytes of a file.
public func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
}

/// The files of a folder that anybody can look at, by name.
public func picturesIn(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { name in
        let head = try bytes("\(folder)/\(name)").prefix(4)
        return head.starts(with: [0xFF, 0xD8]) || head.starts(with: [0x89, 0x50, 0x4E, 0x47])
    }
}

/// One of the shelf photos, in order of their names.
public func picture(_ number: Int) throws -> String {
    let folder = try setting("STOREWALK_CONTRACT_PICTURES")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jpg") }.sorted()
    return "\(folder)/\(names[number % names.count])"
}
