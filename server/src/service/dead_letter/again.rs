//! Deciding refused commands again: because a supervisor asks, or because this release can read what the last could not.

use storewalk_domain::{
    ids::CommandId,
    problem::{Problem, ProblemCode},
    sync::{Context, Entity, Host, Policies, Refusal, RefusalOutcome, RefusalSettled, Row, Table},
    time::Timestamp,
};
use storewalk_wire::Envelope;

use crate::{
    service::{
        changes::Moves,
        judge::{Judgement, judge, read},
        notice::Sight,
    },
    store::{Account, DeadLetter, StoreError, StoreTxn},
};

/// When, and under which settings.
pub(super) struct Again {
    pub(super) now: Timestamp,
    pub(super) policies: Policies,
}

impl Again {
    /// How a refused command ends now, in its author's name; nothing when the command or its author is gone.
    pub(super) fn judge(
        &self,
        txn: &mut dyn StoreTxn,
        refusal: &Refusal,
        sight: Sight<'_>,
    ) -> Result<Option<Judgement>, StoreError> {
        let letter = txn.dead_letter(refusal.user_id, CommandId(refusal.id.0))?;
        let author = txn.account(refusal.user_id)?;
        let (Some(letter), Some(author)) = (letter, author) else { return Ok(None) };
        let Ok(envelope) = serde_json::from_value::<Envelope>(letter.envelope.clone()) else {
            return Ok(Some(Judgement::Refused(vec![Problem::new(ProblemCode::CommandInvalid)])));
        };
        let context = self.context(txn, &letter, &envelope, &author)?;
        judge(txn, &envelope, &context, sight).map(Some)
    }

    /// The circumstances of a command that is decided again: as it was meant, arrived now.
    fn context(
        &self,
        txn: &dyn StoreTxn,
        letter: &DeadLetter,
        envelope: &Envelope,
        author: &Account,
    ) -> Result<Context, StoreError> {
        Ok(Context {
            command_id: envelope.command_id,
            actor: author.actor(),
            captured_at: envelope.captured.trusted(),
            // Bounded by when it arrived, not by when somebody looked at it.
            span: envelope.captured.span_on_arrival(letter.refused_at),
            device_at: envelope.captured.device_at,
            device_number: txn.device(letter.device_id)?.map(|device| device.number),
            host: Host::Server { arrived_at: self.now },
            policies: self.policies.clone(),
        })
    }
}

/// Takes up what an earlier release of this server could not read: commands of a kind or a shape that this one knows,
/// and what was refused only because it rested on them. What the rules object to stays refused, with their reasons. Says
/// how many were taken in; a server that was not updated finds nothing to take up.
///
/// # Errors
/// When the store fails.
pub fn take_up_again(txn: &mut dyn StoreTxn, now: Timestamp, policies: Policies) -> Result<usize, StoreError> {
    let again = Again { now, policies };
    let mut moves = Moves::default();
    let rows = txn.rows_of(Table::Refusals)?;
    let mut waiting: Vec<Refusal> = rows.into_iter().filter_map(Refusal::from_row).collect();
    waiting.retain(|refusal| refusal.outcome.is_none());
    // In the order in which they were captured: their ids rise with time.
    waiting.sort_by_key(|refusal| (refusal.refused_at, refusal.command_id));
    let (mut taken_in, mut causes) = (0, Vec::new());
    for refusal in waiting {
        let rests = causes.iter().any(|cause| super::rests_on(&refusal, *cause));
        let is_due = rests || (is_unread(refusal.problems.first()) && is_read_now(txn, &refusal)?);
        if !is_due {
            continue;
        }
        match again.judge(txn, &refusal, Sight::Desk)? {
            Some(Judgement::Done(_, part)) => {
                moves.absorb(part);
                causes.push(refusal.command_id);
                let by = refusal.user_id;
                let outcome = RefusalOutcome { how: RefusalSettled::TakenIn, by, reason: String::new(), at: now };
                moves.put(txn, &Row::from(Refusal { outcome: Some(outcome), ..refusal }))?;
                taken_in += 1;
            }
            Some(Judgement::Refused(problems)) => moves.put(txn, &Row::from(Refusal { problems, ..refusal }))?,
            None => {}
        }
    }
    moves.publish(txn)?;
    if taken_in > 0 {
        tracing::info!(taken_in, "commands that an earlier release could not read were taken in");
    }
    Ok(taken_in)
}

/// Whether a command was refused because its kind or shape was not known.
fn is_unread(problem: Option<&Problem>) -> bool {
    problem.is_some_and(|problem| matches!(problem.code, ProblemCode::CommandUnknown | ProblemCode::CommandNewer))
}

/// Whether this release knows kind and shape.
fn is_read_now(txn: &dyn StoreTxn, refusal: &Refusal) -> Result<bool, StoreError> {
    let letter = txn.dead_letter(refusal.user_id, CommandId(refusal.id.0))?;
    let envelope: Option<Envelope> = letter.and_then(|letter| serde_json::from_value(letter.envelope).ok());
    Ok(envelope.is_some_and(|envelope| !is_unread(read(&envelope.command, envelope.schema).err().as_ref())))
}
