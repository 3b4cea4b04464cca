import StorewalkGenerated

/// What needs a person: refusals, orders that wait, photos the server will not have, outlets that changed hands.
public final class Notices: Sendable {
    private let core: StorewalkGenerated.Notices

    init(_ core: StorewalkGenerated.Notices) {
        self.core = core
    }

    /// Everything, the most pressing at the top.
    public func items() async throws(StorewalkError) -> [Notice] {
        try await asking { try await core.items() }
    }

    /// Puts an item away that was read. What is still in the way keeps its place.
    public func dismiss(id: String) async throws(StorewalkError) {
        try await asking { try await core.dismiss(id: id) }
    }
}
