import StorewalkGenerated

/// Work that goes by another road: packing this phone's queue, and carrying the parcels of others.
public final class Parcels: Sendable {
    private let core: StorewalkGenerated.Parcels

    init(_ core: StorewalkGenerated.Parcels) {
        self.core = core
    }

    /// Packs everything unsent into files in a folder, which is made when there is none, for somebody else to carry to the
    /// server. Only the server can read them. Nothing leaves the queue: this phone sends it too, when it can.
    public func pack(into folder: String) async throws(StorewalkError) -> Packing {
        try await asking { try await core.pack(folder: folder) }
    }

    /// Takes somebody's parcel from a file into this phone's bag; the file stays where it is. The same parcel again is the
    /// same parcel. Nobody has to be signed in.
    public func carry(path: String) async throws(StorewalkError) -> Parcel {
        try await asking { try await core.carry(path: path) }
    }

    /// The parcels in the bag.
    public func carried() async throws(StorewalkError) -> [Parcel] {
        try await asking { try await core.carried() }
    }

    /// Throws a parcel away that the server will not have; any other is refused as `not_found`.
    public func discard(id: String) async throws(StorewalkError) {
        try await asking { try await core.discard(id: id) }
    }

    /// Hands in what is due, until none is left or the network fails, which leaves a next attempt and is no error. Beside
    /// any sync, never in its way.
    public func deliver() async throws -> Delivery {
        try await stoppable { try await core.deliver(cancel: $0) }
    }
}
