import StorewalkGenerated

/// Who is signed in.
public final class Session: Sendable {
    private let core: StorewalkGenerated.Session

    init(_ core: StorewalkGenerated.Session) {
        self.core = core
    }

    /// Signs in and enrols this phone. Whoever else was on it is parked, and comes back with their own sign-in.
    public func signIn(login: String, password: String) async throws -> Person {
        try await stoppable { try await core.signIn(login: login, password: password, cancel: $0) }
    }

    /// Signs out; refused while anything is unsent. Waits for a sync under way.
    public func signOut() async throws {
        try await stoppable { try await core.signOut(cancel: $0) }
    }

    /// Signs out and keeps everything, unsent work included, encrypted until the same person signs in here again.
    public func signOutAndPark() async throws {
        try await stoppable { try await core.signOutAndPark(cancel: $0) }
    }

    /// Who is signed in; nobody until somebody has.
    public func person() async throws(StorewalkError) -> Person? {
        try await asking { try await core.person() }
    }

    /// How many people's data is parked on this phone.
    public func parkedPeople() async throws(StorewalkError) -> UInt64 {
        try await asking { try await core.parkedPeople() }
    }
}
