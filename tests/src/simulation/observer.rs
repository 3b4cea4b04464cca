//! Listens at the server's door: what it answers must be right before any line can lose it.
//!
//! **Looks for** rows and buckets outside the scope of the person, a second answer that differs from the first, faults
//! of the server, and refusals that an honest phone must never meet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;
use storewalk_domain::{
    ids::CommandId,
    sync::{Bucket, Row, Table, buckets_of},
};
use storewalk_wire::{
    ApiError, BucketDelta, CommandVerdict, ErrorCode, SessionGrant, SyncRequest, SyncResponse, UploadState,
};

use super::trace::Trace;

/// The first answer to each command, over all phones.
pub type Verdicts = Arc<Mutex<BTreeMap<CommandId, CommandVerdict>>>;

/// Listens to the answers for one phone.
pub struct Observer {
    who: String,
    scope: Mutex<BTreeSet<Bucket>>,
    verdicts: Verdicts,
    trace: Trace,
    /// The phone may use a number twice, and must find out by asking.
    may_doubt: AtomicBool,
}

impl Observer {
    /// Listens for a phone whose person may see these buckets.
    pub fn new(who: String, scope: BTreeSet<Bucket>, verdicts: Verdicts, trace: Trace) -> Self {
        Self { who, scope: Mutex::new(scope), verdicts, trace, may_doubt: AtomicBool::new(false) }
    }

    /// The phone lost what the disk had promised: it may use a number twice.
    pub fn expect_doubt(&self) {
        self.may_doubt.store(true, Ordering::SeqCst);
    }

    /// An answer to a sign-in or a refresh.
    pub fn session(&self, answer: &Result<SessionGrant, ApiError>) {
        self.refusal("session", answer.as_ref().err(), &[ErrorCode::TokenInvalid, ErrorCode::RefreshReused]);
    }

    /// An answer to an upload.
    pub fn upload(&self, answer: &Result<UploadState, ApiError>) {
        self.refusal("upload", answer.as_ref().err(), &[ErrorCode::TokenInvalid, ErrorCode::OffsetMismatch]);
    }

    /// An answer to a sync.
    pub fn sync(&self, request: &SyncRequest, answer: &Result<SyncResponse, ApiError>) {
        let doubt = self.may_doubt.load(Ordering::SeqCst).then_some(ErrorCode::SequenceReused);
        let expected: Vec<ErrorCode> = [ErrorCode::TokenInvalid].into_iter().chain(doubt).collect();
        self.refusal("sync", answer.as_ref().err(), &expected);
        let Ok(response) = answer else { return };
        let sent = request.commands.len();
        let rows: usize = response.buckets.iter().map(|delta| delta.entries.len()).sum();
        let what = format!("sent {sent}, acked {}, {rows} rows, complete {}", response.acked_seq, response.is_complete);
        self.trace.note(&self.who, &what);
        for result in &response.results {
            let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
            let first = verdicts.entry(result.command_id).or_insert_with(|| result.verdict.clone());
            if *first != result.verdict {
                let what = format!("{} was {first:?} and is now {:?}", result.command_id, result.verdict);
                self.trace.fail("one answer per command", &what);
            }
        }
        for delta in &response.buckets {
            self.delta(delta);
        }
    }

    fn delta(&self, delta: &BucketDelta) {
        let is_allowed = self.scope.lock().unwrap_or_else(PoisonError::into_inner).contains(&delta.bucket);
        if !is_allowed {
            self.trace.fail("nothing outside the scope", &format!("{} was sent {}", self.who, delta.bucket));
        }
        let strays = delta
            .entries
            .iter()
            .filter(|entry| entry.row.as_ref().is_some_and(|row| !belongs(&entry.table, row, &delta.bucket)));
        for stray in strays {
            let what = format!("{} {} was sent in {}", stray.table, stray.id, delta.bucket);
            self.trace.fail("nothing outside the scope", &what);
        }
    }

    fn refusal(&self, call: &str, error: Option<&ApiError>, expected: &[ErrorCode]) {
        match error {
            None | Some(ApiError::Busy { .. }) => {}
            Some(ApiError::Refused(body)) if expected.contains(&body.code) => {
                self.trace.note(&self.who, &format!("{call} refused: {}", body.code.as_str()));
            }
            Some(error) => {
                self.trace.fail("an honest phone is served", &format!("{} {call}: {error:?}", self.who));
            }
        }
    }
}

fn belongs(table: &str, row: &Value, bucket: &Bucket) -> bool {
    let Ok(table) = table.parse::<Table>() else { return false };
    Row::from_json(table, row.clone()).is_ok_and(|row| buckets_of(&row).contains(bucket))
}
