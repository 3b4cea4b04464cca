//! One command against the rules: parse, decide, make the changes; whatever goes wrong with it stays with it.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde_json::Value;
use storewalk_domain::{
    ids::RowId,
    problem::{Problem, ProblemCode},
    sync::{Command, Context, Decision, Outcome, decide, lift},
};
use storewalk_wire::{CommandVerdict, Envelope};
use uuid::Uuid;

use crate::{
    service::{
        changes::Moves,
        notice::{Informed, Sight},
    },
    store::{StoreError, StoreTxn, in_part},
};

/// How a command ended.
pub(super) enum Judgement {
    /// Done; its changes wait for their positions.
    Done(CommandVerdict, Moves),
    /// Refused, and nothing of it is left.
    Refused(Vec<Problem>),
}

/// Why a part was dropped.
enum Stop {
    Refused(Vec<Problem>),
    Fault(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Fault(error)
    }
}

/// Judges a command as it came, in the shape it was written in, with what its sender could know (`sight`).
///
/// # Errors
/// Only for faults that call for another try; the command is then as if it had not come.
pub(super) fn judge(
    txn: &mut dyn StoreTxn,
    envelope: &Envelope,
    context: &Context,
    sight: Sight<'_>,
) -> Result<Judgement, StoreError> {
    let command = match read(&envelope.command, envelope.schema) {
        Ok(command) => command,
        Err(problem) => return Ok(Judgement::Refused(vec![problem])),
    };
    judge_read(txn, &command, context, sight)
}

/// Judges a command that was read, with what its sender could know (`sight`).
///
/// # Errors
/// Only for faults that call for another try; the command is then as if it had not come.
pub(super) fn judge_read(
    txn: &mut dyn StoreTxn,
    command: &Command,
    context: &Context,
    sight: Sight<'_>,
) -> Result<Judgement, StoreError> {
    match in_part(txn, |txn| carry_out(txn, command, context, sight))? {
        Ok((verdict, moves)) => Ok(Judgement::Done(verdict, moves)),
        Err(Stop::Refused(problems)) => Ok(Judgement::Refused(problems)),
        Err(Stop::Fault(error)) if error.is_transient() => Err(error),
        Err(Stop::Fault(error)) => {
            tracing::error!(error = %error, kind = command.kind(), "a command could not be carried out");
            Ok(Judgement::Refused(vec![Problem::new(ProblemCode::RuleFailed)]))
        }
    }
}

fn carry_out(
    txn: &mut dyn StoreTxn,
    command: &Command,
    context: &Context,
    sight: Sight<'_>,
) -> Result<(CommandVerdict, Moves), Stop> {
    // A panic in the rules is a fault of ours; it must not take the rest of the batch with it.
    let decision = catch_unwind(AssertUnwindSafe(|| decide(&Informed { txn: &*txn, sight }, command, context)));
    let decision = decision.map_err(|_| StoreError::Panicked)?.map_err(StoreError::from)?;
    let effects = match decision {
        Decision::Accepted(effects) => effects,
        Decision::Refused(problems) => return Err(Stop::Refused(problems)),
    };
    let mut moves = Moves::default();
    moves.apply(txn, &effects.changes)?;
    let verdict = match effects.outcome {
        Outcome::Applied => CommandVerdict::Applied,
        Outcome::Held(problem) => CommandVerdict::Held { problem },
        Outcome::Changed(problem) => CommandVerdict::Changed { problem },
    };
    Ok((verdict, moves))
}

/// Reads a command of any shape; says which kind, shape or field stands in the way.
pub(super) fn read(written: &Value, shape: u32) -> Result<Command, Problem> {
    let lifted = lift(written, shape)?;
    serde_path_to_error::deserialize(lifted.as_ref()).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { "args".to_owned() } else { path };
        Problem::new(ProblemCode::CommandInvalid).at(path)
    })
}

/// The kind a command names; as much of it as can be shown.
pub(super) fn kind_of(raw: &Value) -> String {
    raw.get("kind").and_then(Value::as_str).unwrap_or_default().chars().take(64).collect()
}

/// The row a command would make, if it is of a kind that makes one, in whatever shape it was written.
pub(super) fn would_create(written: &Envelope) -> Option<RowId> {
    let lifted = lift(&written.command, written.schema).unwrap_or(Cow::Borrowed(&written.command));
    made_by(&lifted)
}

fn made_by(raw: &Value) -> Option<RowId> {
    let field = match raw.get("kind")?.as_str()? {
        "visit.start" | "visit.skip" => "visit_id",
        "photo.attach" => "photo_id",
        "photo.review" => "verdict_id",
        "task.raise" => "task_id",
        "order.submit" => "order_id",
        "payment.record" => "payment_id",
        _ => return None,
    };
    let id = raw.get("args")?.get(field)?.as_str()?;
    Uuid::parse_str(id).ok().map(RowId)
}

/// The ids a command names, at the first level of its present shape.
pub(super) fn named_ids(written: &Envelope) -> Vec<RowId> {
    let lifted = lift(&written.command, written.schema).unwrap_or(Cow::Borrowed(&written.command));
    ids_in(&lifted)
}

fn ids_in(raw: &Value) -> Vec<RowId> {
    let args = raw.get("args").and_then(Value::as_object);
    let texts = args.into_iter().flat_map(|args| args.values()).filter_map(Value::as_str);
    texts.filter_map(|text| Uuid::parse_str(text).ok()).map(RowId).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_of_a_newer_release_is_refused_by_name() {
        let problem = read(&json!({ "kind": "visit.dance", "args": {} }), 1).expect_err("unknown");
        assert_eq!(problem.code, ProblemCode::CommandUnknown);
        assert_eq!(problem.params.get("value").map(String::as_str), Some("visit.dance"));
        for rubbish in [json!(null), json!(7), json!([]), json!({ "kind": 7 }), json!({ "args": {} })] {
            assert_eq!(read(&rubbish, 1).expect_err("rubbish").code, ProblemCode::CommandUnknown);
        }
    }

    #[test]
    fn arguments_that_cannot_be_read_are_named() {
        let problem = read(&json!({ "kind": "order.cancel", "args": { "order_id": 7 } }), 1).expect_err("unreadable");
        assert_eq!(problem.code, ProblemCode::CommandInvalid);
        assert!(problem.at.starts_with("args"), "{}", problem.at);
        assert!(read(&json!({ "kind": "order.cancel" }), 1).is_err());
    }

    #[test]
    fn every_kind_that_makes_a_row_names_it() {
        let id = Uuid::from_u128(7);
        let command = json!({ "kind": "task.raise", "args": { "task_id": id, "outlet_id": Uuid::from_u128(8) } });
        assert_eq!(made_by(&command), Some(RowId(id)));
        assert_eq!(ids_in(&command), [RowId(id), RowId(Uuid::from_u128(8))]);
        assert_eq!(made_by(&json!({ "kind": "order.cancel", "args": { "order_id": id } })), None);
    }
}
