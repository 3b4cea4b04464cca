//! Commands of people at the console: the same rules and the same door as commands from phones.

use std::collections::BTreeMap;

use storewalk_domain::{
    ids::{CommandId, UserId},
    problem::{Problem, ProblemCode},
    sync::{Command, Context, Host, shape_of},
    time::Timestamp,
    trusted::TrustedSpan,
};
use storewalk_wire::{CommandVerdict, ErrorCode};

use super::{
    body_hash::{body_hash, is_same_body},
    judge::{Judgement, judge_read},
    notice::Sight,
};
use crate::{
    error::ApiError,
    state::AppState,
    store::{StoreError, StoreTxn, StoredCommand},
};

/// Decides a command of a signed-in person and makes its changes. The same command again gives the stored answer, so a
/// form sent twice acts once; another command under a known `command_id` is refused and changes nothing. A refusal is answered at once and not kept as a dead letter: the person is looking.
///
/// # Errors
/// When the person has no account any more, or the store fails.
pub async fn execute(
    state: &AppState,
    user_id: UserId,
    command: Command,
    command_id: CommandId,
) -> Result<CommandVerdict, ApiError> {
    let nothing = Beside { before: Box::new(|_, _| Ok(None)), after: Box::new(|_, _| Ok(())) };
    execute_beside(state, user_id, command, command_id, nothing).await
}

/// What is asked before a command of the console; a problem refuses it.
pub(super) type Before = dyn FnOnce(&mut dyn StoreTxn, Timestamp) -> Result<Option<Problem>, StoreError> + Send;

/// What follows when a command of the console was done.
pub(super) type After = dyn FnOnce(&mut dyn StoreTxn, Timestamp) -> Result<(), StoreError> + Send;

/// What a command of the console has beside it, in the same transaction.
pub(super) struct Beside {
    /// Whether it may go ahead at this instant; a refusal is not remembered.
    pub(super) before: Box<Before>,
    /// What follows when it was done.
    pub(super) after: Box<After>,
}

/// The same as [`execute`], with something beside it.
///
/// # Errors
/// When the person has no account any more, or the store fails.
pub(super) async fn execute_beside(
    state: &AppState,
    user_id: UserId,
    command: Command,
    command_id: CommandId,
    beside: Beside,
) -> Result<CommandVerdict, ApiError> {
    let now = state.now();
    let policies = state.config.policies.clone();
    let body = serde_json::to_value(&command)
        .map_err(|_| ApiError::new(ErrorCode::RequestMalformed).detail("the command has no JSON form"))?;
    state
        .store
        .write(move |txn| {
            let shape = shape_of(command.kind());
            if let Some(stored) = txn.command_of(user_id, command_id)? {
                let is_same = is_same_body(&stored.body_hash, &body, shape);
                return Ok(if is_same { stored.verdict } else { id_taken() });
            }
            if txn.is_command_of_another(user_id, command_id)? {
                return Ok(id_taken());
            }
            let account = txn.account(user_id)?.filter(|account| !account.is_disabled);
            let account = account.ok_or(ErrorCode::NotPermitted)?;
            if let Some(problem) = (beside.before)(txn, now)? {
                return Ok(CommandVerdict::Refused { problems: vec![problem] });
            }
            let context = Context {
                command_id,
                actor: account.actor(),
                captured_at: now,
                span: TrustedSpan::at(now),
                device_at: now,
                device_number: None,
                host: Host::Server { arrived_at: now },
                policies,
            };
            let verdict = match judge_read(txn, &command, &context, Sight::Desk)? {
                Judgement::Refused(problems) => CommandVerdict::Refused { problems },
                Judgement::Done(verdict, moves) => {
                    moves.publish(txn)?;
                    (beside.after)(txn, now)?;
                    verdict
                }
            };
            txn.put_command(&StoredCommand {
                command_id,
                user_id,
                kind: command.kind().to_owned(),
                body_hash: body_hash(&body, shape),
                verdict: verdict.clone(),
                arrived_at: now,
                seen: BTreeMap::new(),
            })?;
            Ok(verdict)
        })
        .await
}

fn id_taken() -> CommandVerdict {
    CommandVerdict::Refused { problems: vec![Problem::new(ProblemCode::IdTaken)] }
}
