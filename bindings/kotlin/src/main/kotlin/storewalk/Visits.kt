package storewalk

import storewalk.generated.core.Visits as Core

/** Calls at outlets. */
public class Visits internal constructor(
    private val core: Core,
) {
    /** What to know before entering. */
    public suspend fun brief(outletId: String): Brief = asking { core.brief(outletId) }

    /** Arrives at an outlet; without a fix the host is asked where the phone is. */
    public suspend fun start(
        outletId: String,
        fix: Fix? = null,
    ): Attempt<StartedVisit> = asking { core.start(outletId, fix).told() }

    /** The visit under way; nothing when there is none. */
    public suspend fun open(): Visit? = asking { core.open() }

    /** A visit with everything its screens show. */
    public suspend fun view(visitId: String): Visit = asking { core.view(visitId) }

    /** Chooses goals, by code. */
    public suspend fun chooseGoals(
        visitId: String,
        goals: List<String>,
    ): Attempt<Unit> = asking { core.chooseGoals(visitId, goals).told() }

    /** Says which of the chosen goals were reached, by code. */
    public suspend fun assessGoals(
        visitId: String,
        attained: List<String>,
    ): Attempt<Unit> = asking { core.assessGoals(visitId, attained).told() }

    /** Leaves the outlet; without a fix the host is asked where the phone is. */
    public suspend fun finish(
        visitId: String,
        fix: Fix? = null,
    ): Attempt<FinishedVisit> = asking { core.finish(visitId, fix).told() }

    /** Of several visits to the same call, the one that counts. */
    public suspend fun settleDuplicate(keep: String): Attempt<Unit> = asking { core.settleDuplicate(keep).told() }

    /** The report of a date, `YYYY-MM-DD`. */
    public suspend fun dayReport(date: String): DayReport = asking { core.dayReport(date) }
}
