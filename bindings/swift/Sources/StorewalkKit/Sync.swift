import StorewalkGenerated

/// Bringing phone and server together, and the server's receipts.
public final class Sync: Sendable {
    private let core: StorewalkGenerated.Sync

    init(_ core: StorewalkGenerated.Sync) {
        self.core = core
    }

    /// Pushes, pulls and publishes until phone and server are in step. One runs at a time; a second caller waits and
    /// gets a fresh run. Whatever comes of it, ``status()`` names the next attempt.
    public func now() async throws -> SyncOutcome {
        try await stoppable { try await core.now(cancel: $0) }
    }

    /// Waits until the server has news; it then is time for ``now()``. When the line cannot be had or ends, that is an
    /// error: follow again after the next attempt, not before.
    public func follow() async throws {
        try await stoppable { try await core.follow(cancel: $0) }
    }

    /// Where syncing stands.
    public func status() async throws(StorewalkError) -> SyncStatus {
        try await asking { try await core.status() }
    }

    /// To be called when the system says that there is a network where there was none, or another one: what waits because
    /// of the line is due within two seconds, and it is time for ``now()``.
    public func networkReturned() async throws(StorewalkError) {
        try await asking { try await core.networkReturned() }
    }

    /// What was captured on this phone, in words, with how far each has come, the newest at the top, at most so many:
    /// everything unsent, and for thirty days what was sent.
    public func ledger(most: UInt32) async throws(StorewalkError) -> [LedgerEntry] {
        try await asking { try await core.ledger(most: most) }
    }

    /// Looks at every row the server gave; damaged ones are fetched again by the next sync.
    public func scan() async throws(StorewalkError) -> ScanReport {
        try await asking { try await core.scan() }
    }

    /// The server's receipt for a command or a photo; nothing when it has given none.
    public func receipt(id: String) async throws(StorewalkError) -> Receipt? {
        try await asking { try await core.receipt(id: id) }
    }

    /// How receipts go.
    public func receiptHealth() async throws(StorewalkError) -> ReceiptHealth {
        try await asking { try await core.receiptHealth() }
    }

    /// Bytes sent and received since the core was opened.
    public func traffic() -> Traffic {
        core.traffic()
    }
}
