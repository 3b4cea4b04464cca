package storewalk

import storewalk.generated.core.Plan as Core

/** The plan of a day. */
public class Plan internal constructor(
    private val core: Core,
) {
    /** The calls of today, as far as the phone can tell which day it is. */
    public suspend fun today(): Today = asking { core.today() }

    /** The calls of a date, `YYYY-MM-DD`. */
    public suspend fun on(date: String): Today = asking { core.on(date) }

    /** Leaves out a planned call, with one of [skipReasons] by code; the visit that says so. */
    public suspend fun skip(
        planId: String,
        reason: String,
    ): Attempt<String> = asking { core.skip(planId, reason).told() }

    /** Why a call may be left out. */
    public suspend fun skipReasons(): List<Reason> = asking { core.skipReasons() }
}
