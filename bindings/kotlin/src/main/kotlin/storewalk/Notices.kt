package storewalk

import storewalk.generated.core.Notices as Core

/** What needs a person: refusals, orders that wait, photos the server will not have, outlets that changed hands. */
public class Notices internal constructor(
    private val core: Core,
) {
    /** Everything that needs a person, the most pressing first. */
    public suspend fun items(): List<Notice> = asking { core.items() }

    /** Puts one away that was read. */
    public suspend fun dismiss(id: String): Unit = asking { core.dismiss(id) }
}
