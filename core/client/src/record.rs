//! A tap becomes a command: decided on the phone's rows, applied, queued: one transaction, on disk before it returns.
//!
//! **Invariants.** Refused: nothing is written. Accepted: for every row touched the server's version is kept aside
//! once, the row is changed, and the command stands in the outbox, or none of it. The mirror file follows after the
//! commit; a command missing there is still safe in the database.

use rusqlite::{Connection, Transaction};
use storewalk_domain::{
    ids::CommandId,
    problem::Problem,
    sync::{Actor, Change, Command, Context, Decision, Host, Outcome, Policies, decide},
    time::CaptureTime,
};
use storewalk_sqlite::{put_row, remove_row};

use crate::{
    ClientError, Phone, outbox,
    plan::PhoneState,
    session,
    sync::{self, shadow},
};

/// What became of a command on the phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// Done here and queued for the server, whose answer stands.
    Done {
        /// The command.
        command_id: CommandId,
        /// How it ended here.
        outcome: Outcome,
    },
    /// Not done; nothing was written. Never empty.
    Refused(Vec<Problem>),
}

impl Phone {
    /// Decides, applies and queues a command.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails; nothing is written then.
    pub fn record(&self, command: impl Into<Command>) -> Result<Recorded, ClientError> {
        let command = command.into();
        self.record_in(move |_| Ok(command))
    }

    /// The same for a command that is made from, or comes with, local rows: what `make` writes stands or falls with
    /// the command. `make` may refuse with [`ClientError::Rejected`].
    ///
    /// # Errors
    /// When nobody is signed in, `make` fails or the storage fails; nothing is written then.
    pub fn record_in(
        &self,
        make: impl FnOnce(&Transaction<'_>) -> Result<Command, ClientError>,
    ) -> Result<Recorded, ClientError> {
        let command_id = CommandId(self.new_id());
        let captured = self.now();
        let written = self.inner.db.write(|transaction| {
            let command = make(transaction)?;
            let session =
                session::session(transaction)?.ok_or_else(|| ClientError::SignedOut { reason: "nobody".to_owned() })?;
            let device = session::device(transaction)?;
            let context = context_of(command_id, &captured, session.actor.clone(), device.number, session.policies);
            let outcome = match decide(&PhoneState(transaction), &command, &context)? {
                // An error, so that what `make` wrote is rolled back.
                Decision::Refused(problems) => return Err(ClientError::Rejected(problems)),
                Decision::Accepted(effects) => {
                    let json = serde_json::to_value(&command)?;
                    let pending = outbox::append(transaction, command_id, json, captured.clone(), session.actor)?;
                    apply(transaction, pending.envelope.seq, &effects.changes)?;
                    sync::make_due(transaction, captured.device_at)?;
                    sync::save_floor(transaction, &captured)?;
                    (effects.outcome, pending)
                }
            };
            Ok((outcome, session::device(transaction)?))
        });
        match written {
            Ok(((outcome, pending), device)) => {
                self.raise_floor(&captured);
                self.inner.mirror.append(&device, &pending);
                Ok(Recorded::Done { command_id, outcome })
            }
            Err(ClientError::Rejected(problems)) => Ok(Recorded::Refused(problems)),
            Err(error) => Err(error),
        }
    }
}

/// The next order number of this device's block, `<device number>-<count>`; used up only if the transaction is
/// committed.
pub(crate) fn take_order_number(transaction: &Transaction<'_>) -> Result<String, ClientError> {
    let (device, count): (u32, u32) = transaction.query_row(
        "UPDATE device SET next_order = next_order + 1 RETURNING device_number, next_order - 1",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(format!("{device}-{count:06}"))
}

/// The circumstances of a command decided on the phone.
pub(crate) fn context_of(
    command_id: CommandId,
    captured: &CaptureTime,
    actor: Actor,
    device_number: u32,
    policies: Policies,
) -> Context {
    Context {
        command_id,
        actor,
        captured_at: captured.trusted(),
        span: captured.span(),
        device_at: captured.device_at,
        device_number: Some(device_number),
        host: Host::Phone,
        policies,
    }
}

/// Makes the changes of a pending command, keeping the server's version of every row aside, and notes what they rest on.
pub(crate) fn apply(connection: &Connection, seq: u64, changes: &[Change]) -> Result<(), ClientError> {
    for change in changes {
        let (table, id) = match change {
            Change::Put(row) => (row.table(), row.id()),
            Change::Remove { table, id } => (*table, *id),
        };
        shadow::keep(connection, table, id)?;
        outbox::note_touched(connection, seq, table.name(), id)?;
        if let Change::Put(row) = change {
            // Should the outlet leave, it stays in reach until this command is resolved.
            for (table, id) in row.rests_on() {
                outbox::note_touched(connection, seq, table.name(), id)?;
            }
        }
        match change {
            Change::Put(row) => {
                put_row(connection, row)?;
            }
            Change::Remove { .. } => remove_row(connection, table, id)?,
        }
    }
    Ok(())
}
