//! Commands of people at the console: the same rules and the same door as commands from phones.

use storewalk_domain::{
    ids::{CommandId, UserId},
    sync::{Command, Context, Decision, Host, Outcome, decide},
};
use storewalk_wire::CommandVerdict;

use crate::{
    error::ApiError,
    service::{body_hash, changes::Moves},
    state::AppState,
    store::{StoreError, StoredCommand},
};
use storewalk_wire::ErrorCode;

/// Decides a command of a signed-in person and makes its changes. The same `command_id` again gives the stored answer,
/// so a form sent twice acts once.
///
/// # Errors
/// When the person has no account any more, or the store fails.
pub async fn execute(
    state: &AppState,
    user_id: UserId,
    command: Command,
    command_id: CommandId,
) -> Result<CommandVerdict, ApiError> {
    let now = state.now();
    let policies = state.config.policies.clone();
    state
        .store
        .write(move |txn| {
            if let Some(stored) = txn.command_of(user_id, command_id)? {
                return Ok(stored.verdict);
            }
            let account = txn.account(user_id)?.filter(|account| !account.is_disabled);
            let account = account.ok_or(ErrorCode::NotPermitted)?;
            let context = Context {
                command_id,
                actor: account.actor(),
                captured_at: now,
                device_at: now,
                device_number: None,
                host: Host::Server { arrived_at: now },
                policies,
            };
            let verdict = match decide(&*txn, &command, &context).map_err(StoreError::from)? {
                Decision::Refused(problems) => CommandVerdict::Refused { problems },
                Decision::Accepted(effects) => {
                    let mut moves = Moves::default();
                    moves.apply(txn, &effects.changes)?;
                    moves.publish(txn)?;
                    verdict_of(effects.outcome)
                }
            };
            txn.put_command(&StoredCommand {
                command_id,
                user_id,
                kind: command.kind().to_owned(),
                body_hash: body_hash(&serde_json::to_value(&command).unwrap_or_default(), 1),
                verdict: verdict.clone(),
                arrived_at: now,
            })?;
            Ok(verdict)
        })
        .await
}

/// How an accepted command is answered.
pub(crate) fn verdict_of(outcome: Outcome) -> CommandVerdict {
    match outcome {
        Outcome::Applied => CommandVerdict::Applied,
        Outcome::Held(problem) => CommandVerdict::Held { problem },
        Outcome::Changed(problem) => CommandVerdict::Changed { problem },
    }
}
