package storewalk

import storewalk.generated.core.Parcels as Core

/** Work that goes by another road: packing this phone's queue, and carrying the parcels of others. */
public class Parcels internal constructor(
    private val core: Core,
) {
    /**
     * Packs everything unsent into files in a folder, which is made when there is none, for somebody else to carry to the
     * server. Only the server can read them. Nothing leaves the queue: this phone sends it too, when it can.
     */
    public suspend fun pack(folder: String): Packing = asking { core.pack(folder) }

    /**
     * Takes somebody's parcel from a file into this phone's bag; the file stays where it is. The same parcel again is
     * the same parcel. Nobody has to be signed in.
     */
    public suspend fun carry(path: String): Parcel = asking { core.carry(path) }

    /** The parcels in the bag. */
    public suspend fun carried(): List<Parcel> = asking { core.carried() }

    /** Throws a parcel away that the server will not have; any other is refused as `not_found`. */
    public suspend fun discard(id: String): Unit = asking { core.discard(id) }

    /** Hands in what is due, until none is left or the network fails, which leaves a next attempt and is no error. */
    public suspend fun deliver(): Delivery = stoppable { core.deliver(it) }
}
