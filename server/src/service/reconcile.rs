//! Commands from a phone: each is worked through exactly once, in order of its number.
//!
//! **States of a number.** At or below the device's last: answered from the store. The next one: worked through, and
//! its answer stored. Beyond that: a gap; it and what follows must come again. A refusal uses the number up and is
//! kept whole; only a fault that may pass leaves the number free.
//!
//! **Invariants.** The whole batch is one job. Changes, answers, numbers and refusals become durable together.

use storewalk_domain::{
    ids::{CommandId, DeviceId, RefusalId, UserId, derived},
    problem::{Problem, ProblemCode},
    sync::{Context, Host, Policies, Refusal, Row},
    time::Timestamp,
};
use storewalk_wire::{CommandResult, CommandVerdict, DeviceHealth, Envelope, ErrorCode};

use super::{
    body_hash::{body_hash, is_same_body},
    changes::Moves,
    health,
    judge::{Judgement, judge, kind_of, named_ids, would_create},
    notice::Sight,
};
use crate::{
    auth::DeviceAuth,
    error::ApiError,
    store::{Account, DeadLetter, StoreError, StoreTxn, StoredCommand, in_part},
};

/// What one request brings.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Who, from which device.
    pub sender: DeviceAuth,
    /// Commands in order of their numbers.
    pub commands: Vec<Envelope>,
    /// What the phone says about itself; `None` when somebody else carried the commands in.
    pub health: Option<DeviceHealth>,
    /// When the request arrived.
    pub arrived_at: Timestamp,
    /// The organisation's settings.
    pub policies: Policies,
}

/// Works through a batch; the results of those commands that are settled, in order.
///
/// # Errors
/// When a number was used before for another command, the person's account was barred meanwhile, or the store fails:
/// then nothing of the batch is kept.
pub fn reconcile(txn: &mut dyn StoreTxn, batch: &Batch) -> Result<Vec<CommandResult>, ApiError> {
    let device = batch.sender.device.id;
    let account = txn.account(batch.sender.account.user_id)?.filter(|account| !account.is_disabled);
    let account = account.ok_or(ErrorCode::TokenInvalid)?;
    let mut last = txn.last_seq(device)?;
    let mut moves = Moves::default();
    let mut results = Vec::with_capacity(batch.commands.len());
    for (index, envelope) in batch.commands.iter().enumerate() {
        if envelope.seq <= last {
            results.push(stored_result(txn, device, &account, envelope, index)?);
            continue;
        }
        if envelope.seq != last + 1 {
            break;
        }
        let settled = in_part(txn, |txn| {
            let mut part = Moves::default();
            let settling = Settling { txn, moves: &mut part, batch, account: &account, envelope };
            settling.settle().map(|result| (result, part))
        })?;
        match settled {
            Ok((result, part)) => {
                moves.absorb(part);
                results.push(result);
            }
            // The number stays free; the phone sends it again.
            Err(error) if error.is_transient() && !results.is_empty() => {
                tracing::warn!(error = %error, "a batch ended early");
                break;
            }
            Err(error) => return Err(error.into()),
        }
        last = envelope.seq;
    }
    moves.publish(txn)?;
    if let Some(health) = &batch.health {
        let left = health::after(health, &batch.commands[..results.len()]);
        txn.put_device_health(device, batch.arrived_at, &left)?;
    }
    Ok(results)
}

/// The answer a number got when it was worked through.
fn stored_result(
    txn: &dyn StoreTxn,
    device: DeviceId,
    account: &Account,
    envelope: &Envelope,
    index: usize,
) -> Result<CommandResult, ApiError> {
    let is_same = |stored: &StoredCommand| {
        let kept_as = [envelope.command_id, stand_in(account.user_id, envelope.command_id, &stored.body_hash)];
        is_same_body(&stored.body_hash, &envelope.command, envelope.schema) && kept_as.contains(&stored.command_id)
    };
    match txn.command_at(device, envelope.seq)?.filter(is_same) {
        Some(stored) => Ok(result_of(envelope, stored.verdict, true)),
        None => Err(ApiError::new(ErrorCode::SequenceReused)
            .at(format!("commands[{index}].seq"))
            .detail(format!("number {} belongs to another command", envelope.seq))),
    }
}

fn result_of(envelope: &Envelope, verdict: CommandVerdict, is_duplicate: bool) -> CommandResult {
    CommandResult { seq: envelope.seq, command_id: envelope.command_id, verdict, is_duplicate }
}

/// The identity under which a command is kept whose own identity is taken by another command.
fn stand_in(user: UserId, command: CommandId, hash: &[u8; 32]) -> CommandId {
    CommandId(derived(derived(command.0, &user.to_string()), &crate::auth::hex(hash)))
}

/// One command on its way to its answer.
struct Settling<'a> {
    txn: &'a mut dyn StoreTxn,
    moves: &'a mut Moves,
    batch: &'a Batch,
    account: &'a Account,
    envelope: &'a Envelope,
}

impl Settling<'_> {
    fn settle(self) -> Result<CommandResult, StoreError> {
        let user = self.account.user_id;
        let command_id = self.envelope.command_id;
        let hash = body_hash(&self.envelope.command, self.envelope.schema);
        if let Some(stored) = self.txn.command_of(user, command_id)? {
            if is_same_body(&stored.body_hash, &self.envelope.command, self.envelope.schema) {
                // The same command by another road: a phone restored from a copy, or enrolled anew.
                self.txn.put_device_seq(self.device(), self.envelope.seq, user, command_id)?;
                return Ok(result_of(self.envelope, stored.verdict, true));
            }
            return self.refuse_taken(&hash);
        }
        if self.txn.is_command_of_another(user, command_id)? {
            return self.refuse_taken(&hash);
        }
        let context = self.context();
        let sight = Sight::Phone { user, seen: &self.envelope.seen };
        match judge(self.txn, self.envelope, &context, sight)? {
            Judgement::Done(verdict, moves) => {
                self.moves.absorb(moves);
                self.record(command_id, hash, verdict)
            }
            Judgement::Refused(problems) => {
                let problems = self.with_cause(problems)?;
                self.refuse(command_id, hash, problems)
            }
        }
    }

    fn device(&self) -> DeviceId {
        self.batch.sender.device.id
    }

    fn context(&self) -> Context {
        Context {
            command_id: self.envelope.command_id,
            actor: self.account.actor(),
            captured_at: self.envelope.captured.trusted_on_arrival(self.batch.arrived_at),
            span: self.envelope.captured.span_on_arrival(self.batch.arrived_at),
            device_at: self.envelope.captured.device_at,
            device_number: Some(self.batch.sender.device.number),
            host: Host::Server { arrived_at: self.batch.arrived_at },
            policies: self.batch.policies.clone(),
        }
    }

    /// Puts the one readable cause first when the command speaks of what a refused command would have made.
    fn with_cause(&self, mut problems: Vec<Problem>) -> Result<Vec<Problem>, StoreError> {
        if problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            let named = named_ids(self.envelope);
            if let Some(cause) = self.txn.refused_maker_of(self.account.user_id, &named)? {
                problems.insert(0, Problem::new(ProblemCode::RestsOnRefused).with("command_id", cause));
            }
        }
        Ok(problems)
    }

    fn refuse_taken(self, hash: &[u8; 32]) -> Result<CommandResult, StoreError> {
        let kept_as = stand_in(self.account.user_id, self.envelope.command_id, hash);
        self.refuse(kept_as, *hash, vec![Problem::new(ProblemCode::IdTaken)])
    }

    fn refuse(self, kept_as: CommandId, hash: [u8; 32], problems: Vec<Problem>) -> Result<CommandResult, StoreError> {
        let refusal = Refusal {
            id: RefusalId(kept_as.0),
            command_id: self.envelope.command_id,
            user_id: self.account.user_id,
            device_id: self.device(),
            kind: kind_of(&self.envelope.command),
            problems: problems.clone(),
            refused_at: self.batch.arrived_at,
            subject: would_create(self.envelope),
            outcome: None,
        };
        self.moves.put(self.txn, &Row::from(refusal))?;
        let envelope = serde_json::to_value(self.envelope).map_err(|error| StoreError::Unfit(Box::new(error)))?;
        self.txn.put_dead_letter(&DeadLetter {
            command_id: kept_as,
            user_id: self.account.user_id,
            device_id: self.device(),
            envelope,
            would_create: would_create(self.envelope),
            refused_at: self.batch.arrived_at,
        })?;
        self.record(kept_as, hash, CommandVerdict::Refused { problems })
    }

    fn record(
        self,
        kept_as: CommandId,
        body_hash: [u8; 32],
        verdict: CommandVerdict,
    ) -> Result<CommandResult, StoreError> {
        self.txn.put_command(&StoredCommand {
            command_id: kept_as,
            user_id: self.account.user_id,
            kind: kind_of(&self.envelope.command),
            body_hash,
            verdict: verdict.clone(),
            arrived_at: self.batch.arrived_at,
            seen: self.envelope.seen.clone(),
        })?;
        self.txn.put_device_seq(self.device(), self.envelope.seq, self.account.user_id, kept_as)?;
        Ok(result_of(self.envelope, verdict, false))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};
    use storewalk_domain::{
        ids::TerritoryId,
        outlet::Role,
        sync::{Bucket, Table},
        time::CaptureTime,
    };
    use uuid::Uuid;

    use super::*;
    use crate::store::{Device, sqlite::memory};

    fn envelope(seq: u64, command: Value) -> Envelope {
        Envelope {
            seq,
            command_id: CommandId(Uuid::from_u128(u128::from(seq))),
            schema: 1,
            command,
            captured: CaptureTime {
                device_at: Timestamp(0),
                monotonic_ms: 0,
                boot_id: "b".into(),
                anchor: None,
                not_before: None,
            },
            seen: BTreeMap::new(),
        }
    }

    fn sender() -> DeviceAuth {
        let account = Account {
            user_id: UserId(Uuid::from_u128(1)),
            login: "rep".into(),
            password_hash: String::new(),
            code: "R".into(),
            name: "R".into(),
            role: Role::Rep,
            region_code: None,
            is_disabled: false,
            territories: vec![TerritoryId(Uuid::from_u128(2))],
            dealers: Vec::new(),
        };
        let device = Device {
            id: DeviceId(Uuid::from_u128(3)),
            user_id: account.user_id,
            number: 1,
            name: String::new(),
            platform: String::new(),
            app_version: String::new(),
            enrolled_at: Timestamp(0),
            last_seen_at: None,
            is_revoked: false,
            health: None,
        };
        DeviceAuth { session_id: Uuid::from_u128(4), account, device }
    }

    #[test]
    fn a_full_disk_keeps_nothing_of_the_batch_and_leaves_its_numbers_free() {
        let database = memory();
        let batch = Batch {
            sender: sender(),
            commands: vec![
                envelope(1, json!({ "kind": "small", "args": 1 })),
                envelope(2, json!({ "kind": "large", "args": "x".repeat(400_000) })),
                envelope(3, json!({ "kind": "small", "args": 3 })),
            ],
            health: Some(DeviceHealth::default()),
            arrived_at: Timestamp(5),
            policies: Policies::default(),
        };
        let (user, device) = (batch.sender.account.user_id, batch.sender.device.id);
        let enrol = |txn: &mut dyn StoreTxn| {
            txn.put_account(&batch.sender.account)?;
            txn.put_device(&batch.sender.device)
        };
        database.in_transaction(enrol).expect("enrolled");
        database.leave_room_for(200_000);
        let struck = database.in_transaction(|txn| reconcile(txn, &batch));
        assert_eq!(struck.expect_err("no room").code, ErrorCode::StorageFull);
        let kept = |txn: &mut dyn StoreTxn| {
            let refusals = txn.rows_of(Table::Refusals)?.len();
            Ok::<_, StoreError>((txn.last_seq(device)?, refusals, txn.bucket_head(&Bucket::User(user))?))
        };
        assert_eq!(database.in_transaction(kept).expect("a read"), (0, 0, None));
        database.leave_room_for(10_000_000);
        let results = database.in_transaction(|txn| reconcile(txn, &batch)).expect("all of it");
        assert!(results.iter().all(|result| !result.is_duplicate));
        assert_eq!(database.in_transaction(kept).map(|(last, refusals, _)| (last, refusals)).expect("a read"), (3, 3));
    }
}
