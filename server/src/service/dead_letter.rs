//! Refused commands before a supervisor: taken in after all, or set aside with a reason.
//!
//! **States.** Refused → taken in (decided again by the same rules, in the author's name) or set aside; either once. A
//! command that the rules still object to stays refused, and the supervisor reads why.
//!
//! **Invariants.** What a supervisor may allow is a closed list ([`Allowance`]): where a person may work. Rules of money
//! and commitments are never among it. The refusal's row keeps who decided, when and why, for ever, and travels to the
//! author. The command itself, as it came, is never changed.

mod again;

use storewalk_domain::{
    ids::{CommandId, RefusalId, UserId},
    outlet::Role,
    problem::{Problem, ProblemCode},
    sync::{Refusal, RefusalOutcome, RefusalSettled, Row},
};
use storewalk_wire::{Envelope, ErrorCode};

use again::Again;
pub use again::take_up_again;

use super::{
    changes::Moves,
    judge::{Judgement, read},
    notice::Sight,
};
use crate::{
    error::ApiError,
    state::AppState,
    store::{Account, DeadLetter, StoreError, StoreTxn},
};

/// Longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// Most commands that are taken in because what they rest on was.
const MOST_FOLLOWERS: usize = 200;

/// What a supervisor allows beyond the rules that refused a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Allowance {
    /// Nothing: the command is only decided again, on today's rows.
    #[default]
    Nothing,
    /// Work in the territories the supervisor watches: outlets that were handed over, help for a colleague.
    Territories,
}

/// What a supervisor wants done with a refused command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Decide it again.
    TakeIn(Allowance),
    /// Leave it undone, for a reason the author is told.
    SetAside {
        /// The reason.
        reason: String,
    },
}

/// How it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// Decided, now or by an earlier click; how many other commands that rest on it were taken in with it.
    Settled {
        /// How.
        how: RefusalSettled,
        /// Commands that rested on it.
        followers: usize,
    },
    /// The rules still object; nothing was changed.
    StillRefused(Vec<Problem>),
}

/// Settles a refused command as a supervisor wishes. `region` is what the supervisor watches; `None` is everything.
///
/// # Errors
/// When there is no such refusal in the region, the person may not decide, a reason is missing, or the store fails.
pub async fn settle(
    state: &AppState,
    supervisor: UserId,
    region: Option<String>,
    refusal: RefusalId,
    wish: Wish,
) -> Result<Settlement, ApiError> {
    let again = Again { now: state.now(), policies: state.config.policies.clone() };
    let job = Job { again, supervisor, wish };
    state.store.write(move |txn| job.run(txn, region.as_deref(), refusal)).await
}

struct Job {
    again: Again,
    supervisor: UserId,
    wish: Wish,
}

impl Job {
    fn run(&self, txn: &mut dyn StoreTxn, region: Option<&str>, id: RefusalId) -> Result<Settlement, ApiError> {
        let supervisor = txn.account(self.supervisor)?.filter(|account| !account.is_disabled);
        let supervisor = supervisor.filter(|account| matches!(account.role, Role::Supervisor | Role::Admin));
        let supervisor = supervisor.ok_or(ErrorCode::NotPermitted)?;
        let watched = txn.attention(region)?.refusals;
        let refusal = watched.iter().find(|refusal| refusal.id == id).ok_or(ErrorCode::NotFound)?.clone();
        if let Some(outcome) = &refusal.outcome {
            return Ok(Settlement::Settled { how: outcome.how, followers: 0 });
        }
        let mut moves = Moves::default();
        let (how, reason) = match &self.wish {
            Wish::SetAside { reason } => {
                let reason: String = reason.trim().chars().take(LONGEST_REASON).collect();
                if reason.is_empty() {
                    return Err(ApiError::new(ErrorCode::RequestMalformed).at("reason"));
                }
                (RefusalSettled::SetAside, reason)
            }
            Wish::TakeIn(allowance) => {
                if let Some(problems) = self.take_in(txn, &mut moves, &supervisor, &refusal, *allowance)? {
                    return Ok(Settlement::StillRefused(problems));
                }
                (RefusalSettled::TakenIn, String::new())
            }
        };
        let command = refusal.command_id;
        self.note(txn, &mut moves, refusal, how, reason)?;
        let followers = match self.wish {
            Wish::TakeIn(allowance) => self.follow(txn, &mut moves, &supervisor, (watched, command), allowance)?,
            Wish::SetAside { .. } => 0,
        };
        moves.publish(txn)?;
        tracing::info!(how = how.as_str(), followers, "a supervisor settled a refused command");
        Ok(Settlement::Settled { how, followers })
    }

    /// Writes down how a refusal was settled, by whom and why; the author's phone is told by the row.
    fn note(
        &self,
        txn: &mut dyn StoreTxn,
        moves: &mut Moves,
        refusal: Refusal,
        how: RefusalSettled,
        reason: String,
    ) -> Result<(), StoreError> {
        let outcome = Some(RefusalOutcome { how, by: self.supervisor, reason, at: self.again.now });
        moves.put(txn, &Row::from(Refusal { outcome, ..refusal }))
    }

    /// Decides a command again in its author's name; what still stands in the way, if anything does.
    fn take_in(
        &self,
        txn: &mut dyn StoreTxn,
        moves: &mut Moves,
        supervisor: &Account,
        refusal: &Refusal,
        allowance: Allowance,
    ) -> Result<Option<Vec<Problem>>, ApiError> {
        let sight = match allowance {
            Allowance::Territories => Sight::TakenIn { territories: &supervisor.territories },
            Allowance::Nothing => Sight::Desk,
        };
        match self.again.judge(txn, refusal, sight)?.ok_or(ErrorCode::NotFound)? {
            Judgement::Refused(problems) => Ok(Some(problems)),
            Judgement::Done(_, part) => {
                moves.absorb(part);
                Ok(None)
            }
        }
    }

    /// Takes in what was refused only because it rested on the command that was just taken in, as far as the rules
    /// agree now.
    fn follow(
        &self,
        txn: &mut dyn StoreTxn,
        moves: &mut Moves,
        supervisor: &Account,
        (watched, command): (Vec<Refusal>, CommandId),
        allowance: Allowance,
    ) -> Result<usize, ApiError> {
        let rests = |refusal: &&Refusal| refusal.outcome.is_none() && rests_on(refusal, command);
        let mut followers: Vec<Refusal> = watched.iter().filter(rests).cloned().collect();
        // In the order in which they were captured: their ids rise with time.
        followers.sort_by_key(|refusal| (refusal.refused_at, refusal.command_id));
        let mut taken = 0;
        for refusal in followers.into_iter().take(MOST_FOLLOWERS) {
            if self.take_in(txn, moves, supervisor, &refusal, allowance)?.is_none() {
                self.note(txn, moves, refusal, RefusalSettled::TakenIn, String::new())?;
                taken += 1;
            }
        }
        Ok(taken)
    }
}

fn rests_on(refusal: &Refusal, command: CommandId) -> bool {
    let cause = command.to_string();
    refusal.problems.iter().any(|problem| {
        problem.code == ProblemCode::RestsOnRefused && problem.params.get("command_id").is_some_and(|id| *id == cause)
    })
}

/// What a refused command says, if this release can read it; for showing it to a person.
pub fn meant(letter: &DeadLetter) -> Option<storewalk_domain::sync::Command> {
    let envelope: Envelope = serde_json::from_value(letter.envelope.clone()).ok()?;
    read(&envelope.command, envelope.schema).ok()
}
