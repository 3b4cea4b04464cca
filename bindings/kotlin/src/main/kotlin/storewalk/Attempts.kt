package storewalk

import storewalk.generated.core.CaptureAttempt
import storewalk.generated.core.DraftAttempt
import storewalk.generated.core.FinishAttempt
import storewalk.generated.core.IdAttempt
import storewalk.generated.core.OrderAttempt
import storewalk.generated.core.ProfileAttempt
import storewalk.generated.core.StartAttempt
import storewalk.generated.core.SubmitAttempt
import storewalk.generated.core.Attempt as PlainAttempt

// The core has one type of answer for each kind of value; here there is one for all.

internal fun PlainAttempt.told(): Attempt<Unit> =
    when (this) {
        is PlainAttempt.Done -> Attempt.Done(Unit)
        is PlainAttempt.Refused -> Attempt.Refused(problems)
    }

internal fun IdAttempt.told(): Attempt<String> =
    when (this) {
        is IdAttempt.Done -> Attempt.Done(value)
        is IdAttempt.Refused -> Attempt.Refused(problems)
    }

internal fun StartAttempt.told(): Attempt<StartedVisit> =
    when (this) {
        is StartAttempt.Done -> Attempt.Done(value)
        is StartAttempt.Refused -> Attempt.Refused(problems)
    }

internal fun FinishAttempt.told(): Attempt<FinishedVisit> =
    when (this) {
        is FinishAttempt.Done -> Attempt.Done(value)
        is FinishAttempt.Refused -> Attempt.Refused(problems)
    }

internal fun CaptureAttempt.told(): Attempt<CapturedPhoto> =
    when (this) {
        is CaptureAttempt.Done -> Attempt.Done(value)
        is CaptureAttempt.Refused -> Attempt.Refused(problems)
    }

internal fun DraftAttempt.told(): Attempt<Draft> =
    when (this) {
        is DraftAttempt.Done -> Attempt.Done(value)
        is DraftAttempt.Refused -> Attempt.Refused(problems)
    }

internal fun SubmitAttempt.told(): Attempt<SubmittedOrder> =
    when (this) {
        is SubmitAttempt.Done -> Attempt.Done(value)
        is SubmitAttempt.Refused -> Attempt.Refused(problems)
    }

internal fun OrderAttempt.told(): Attempt<Order> =
    when (this) {
        is OrderAttempt.Done -> Attempt.Done(value)
        is OrderAttempt.Refused -> Attempt.Refused(problems)
    }

internal fun ProfileAttempt.told(): Attempt<Profile> =
    when (this) {
        is ProfileAttempt.Done -> Attempt.Done(value)
        is ProfileAttempt.Refused -> Attempt.Refused(problems)
    }
