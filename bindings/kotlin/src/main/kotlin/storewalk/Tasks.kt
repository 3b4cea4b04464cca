package storewalk

import storewalk.generated.core.Tasks as Core

/** Tasks of the person who is signed in. */
public class Tasks internal constructor(
    private val core: Core,
) {
    /** The person's tasks. */
    public suspend fun mine(): List<Task> = asking { core.mine() }

    /** Says that a task is done. */
    public suspend fun finish(taskId: String): Attempt<Unit> = asking { core.finish(taskId).told() }

    /** Raises a task, due on `YYYY-MM-DD`. */
    public suspend fun raise(
        outletId: String,
        note: String,
        dueOn: String,
        visitId: String? = null,
    ): Attempt<String> = asking { core.raise(outletId, note, dueOn, visitId).told() }
}
