package storewalk

import storewalk.generated.core.Outlets as Core

/** Profiles of outlets: read them, correct them, settle what contradicts. */
public class Outlets internal constructor(
    private val core: Core,
) {
    /** The profile of an outlet, field by field. */
    public suspend fun profile(outletId: String): Profile = asking { core.profile(outletId) }

    /** Corrects fields of a profile. */
    public suspend fun edit(
        outletId: String,
        corrections: List<Correction>,
    ): Attempt<Profile> = asking { core.edit(outletId, corrections).told() }

    /** Of values that contradict, the one that holds. */
    public suspend fun settle(
        outletId: String,
        field: FieldName,
        value: String,
    ): Attempt<Profile> = asking { core.settle(outletId, field, value).told() }

    /** Outlets with values that contradict. */
    public suspend fun contested(): List<String> = asking { core.contested() }
}
