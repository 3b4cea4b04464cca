package storewalk

import storewalk.generated.core.Review as Core

/** A supervisor's decisions about photos, made on a phone. Whether a person may decide, the rules say. */
public class Review internal constructor(
    private val core: Core,
) {
    /** Decides about a photo. */
    public suspend fun decide(draft: ReviewDraft): Attempt<Unit> = asking { core.decide(draft).told() }
}
