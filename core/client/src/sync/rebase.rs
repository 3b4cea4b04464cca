//! Running the pending commands again on the rows the server has just given.
//!
//! **Invariants.** In the order of their numbers, each as of when it was captured and in the name it was captured in,
//! under the organisation's newest settings. A command that no longer holds is flagged, kept, and sent all the same:
//! the server decides. No command can stop the others or the pull.

use rusqlite::Connection;
use storewalk_domain::{
    problem::{Problem, ProblemCode},
    sync::{Context, Decision, Host, Policies, decide, read_command},
};
use storewalk_sqlite::{FaultKind, SqliteState};

use crate::{
    ClientError,
    outbox::{self, Pending},
    record, session,
};

/// Commands read at a time.
const CHUNK: usize = 256;

/// Runs every pending command again. The rows must be the server's: shadows put back.
pub(super) fn rerun(connection: &Connection, policies: &Policies) -> Result<(), ClientError> {
    let device_number = session::device(connection)?.number;
    let mut seq = 0;
    loop {
        let chunk = outbox::pending_after(connection, seq, CHUNK)?;
        let Some(last) = chunk.last() else { return Ok(()) };
        seq = last.seq;
        for stored in &chunk {
            let problems = rerun_one(connection, &stored.read()?, policies, device_number)?;
            if stored.has_local_problem || !problems.is_empty() {
                outbox::set_local_problem(connection, stored.seq, &problems)?;
            }
        }
    }
}

/// What stands in the way of a command now; nothing when it was applied.
fn rerun_one(
    connection: &Connection,
    pending: &Pending,
    policies: &Policies,
    device_number: u32,
) -> Result<Vec<Problem>, ClientError> {
    let step = |sql| connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    step("SAVEPOINT rerun")?;
    let result = try_one(connection, pending, policies, device_number);
    let problems = match result {
        Ok(problems) => problems,
        Err(ClientError::Storage { kind: FaultKind::Other, source }) => {
            tracing::warn!(error = %source, "a pending command does not fit the rows any more");
            vec![Problem::new(ProblemCode::Unknown)]
        }
        Err(ClientError::Internal(what)) => {
            tracing::warn!(what, "a pending command cannot be run again");
            vec![Problem::new(ProblemCode::Unknown)]
        }
        Err(error) => return Err(error),
    };
    if !problems.is_empty() {
        step("ROLLBACK TO rerun")?;
    }
    step("RELEASE rerun")?;
    Ok(problems)
}

fn try_one(
    connection: &Connection,
    pending: &Pending,
    policies: &Policies,
    device_number: u32,
) -> Result<Vec<Problem>, ClientError> {
    let Pending { envelope, actor } = pending;
    // Of whatever release wrote it: what was captured before an update of the app is decided by today's rules.
    let command = match read_command(&envelope.command, envelope.schema) {
        Ok(command) => command,
        Err(problem) => return Ok(vec![problem]),
    };
    let captured =
        record::context_of(envelope.command_id, &envelope.captured, actor.clone(), device_number, policies.clone());
    let context = Context { host: Host::Rerun, ..captured };
    match decide(&SqliteState(connection), &command, &context)? {
        Decision::Refused(problems) => Ok(problems),
        Decision::Accepted(effects) => {
            outbox::forget_touched_by(connection, envelope.seq)?;
            record::apply(connection, envelope.seq, &effects.changes)?;
            Ok(Vec::new())
        }
    }
}
