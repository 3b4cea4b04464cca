//! Listens at the server's door: what it answers must be right before any line can lose it.
//!
//! **Looks for** rows and buckets outside the scope of the person, a second answer that differs from the first, faults
//! of the server, and refusals that an honest phone must never meet.

use std::{
    collections::BTreeMap,
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
    ApiError, BucketDelta, CommandVerdict, ErrorCode, HealResponse, ParcelReceipt, SessionGrant, StandingResponse,
    SyncRequest, SyncResponse, UploadState,
};

use super::{
    scopes::{Moment, Scope, Scopes},
    trace::Trace,
};

/// The first answer to each command, over all phones.
pub type Verdicts = Arc<Mutex<BTreeMap<CommandId, CommandVerdict>>>;

/// Listens to the answers for one phone.
pub struct Observer {
    who: String,
    login: &'static str,
    scopes: Scopes,
    verdicts: Verdicts,
    trace: Trace,
    /// The phone may use a number twice, and must find out by asking.
    may_doubt: AtomicBool,
    /// There is a copy of the phone: whichever signs in second must part.
    may_part: AtomicBool,
    /// The server's disk may be full or fail.
    may_fail: AtomicBool,
}

impl Observer {
    /// Listens for a phone of a person.
    pub fn new(who: String, login: &'static str, scopes: Scopes, verdicts: Verdicts, trace: Trace) -> Self {
        let [may_doubt, may_part, may_fail] = [(); 3].map(|()| AtomicBool::default());
        Self { who, login, scopes, verdicts, trace, may_doubt, may_part, may_fail }
    }

    /// The server's disk may be full or fail from now on.
    pub fn expect_faults(&self) {
        self.may_fail.store(true, Ordering::SeqCst);
    }

    /// Whether what the person may see has ever changed.
    pub fn has_moved(&self) -> bool {
        self.scopes.has_moved(self.login)
    }

    /// This moment in the history of what the person may see.
    pub fn moment(&self) -> Moment {
        self.scopes.moment(self.login)
    }

    /// Everything the person could see at any time since a moment.
    pub fn seen_since(&self, moment: Moment) -> Scope {
        self.scopes.since(self.login, moment)
    }

    /// The phone lost what the disk had promised: it may use a number twice.
    pub fn expect_doubt(&self) {
        self.may_doubt.store(true, Ordering::SeqCst);
    }

    /// The phone was copied, or is a copy.
    pub fn expect_parting(&self) {
        self.may_part.store(true, Ordering::SeqCst);
    }

    /// An answer to a sign-in or a refresh.
    pub fn session(&self, _: Moment, answer: &Result<SessionGrant, ApiError>) {
        let copied = self.may_part.load(Ordering::SeqCst).then_some(ErrorCode::DeviceCopied);
        let expected: Vec<ErrorCode> =
            [ErrorCode::TokenInvalid, ErrorCode::RefreshReused].into_iter().chain(copied).collect();
        self.refusal("session", answer.as_ref().err(), &expected);
    }

    /// An answer to the question whether there is news.
    pub fn standing(&self, _: Moment, answer: &Result<StandingResponse, ApiError>) {
        self.refusal("standing", answer.as_ref().err(), &[ErrorCode::TokenInvalid]);
        if let Ok(answer) = answer {
            self.trace.note(&self.who, &format!("asked for news: same {}", answer.is_same));
        }
    }

    /// An answer to a parcel that was handed in.
    pub fn parcel(&self, _: Moment, answer: &Result<ParcelReceipt, ApiError>) {
        self.refusal("parcel", answer.as_ref().err(), &[ErrorCode::TokenInvalid]);
        if let Ok(receipt) = answer {
            self.trace.note(&self.who, &format!("handed a parcel in: {:?}", receipt.fate));
        }
    }

    /// An answer to an upload. A photo may have been refused before its bytes come, because somebody else has the outlet
    /// by now; a phone that was harmed may send bytes before it has sent their announcement again.
    pub fn upload(&self, _: Moment, answer: &Result<UploadState, ApiError>) {
        let is_possible = self.has_moved() || self.may_doubt.load(Ordering::SeqCst);
        let gone = is_possible.then_some(ErrorCode::NotFound);
        let expected: Vec<ErrorCode> =
            [ErrorCode::TokenInvalid, ErrorCode::OffsetMismatch].into_iter().chain(gone).collect();
        self.refusal("upload", answer.as_ref().err(), &expected);
    }

    /// An answer to a sync that was asked at a moment.
    pub fn sync(&self, request: &SyncRequest, asked: Moment, answer: &Result<SyncResponse, ApiError>) {
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
        let scope = self.seen_since(asked);
        for delta in &response.buckets {
            self.delta(&scope, delta);
        }
    }

    /// An answer to a question for a file of rows.
    pub fn segment(&self, bucket: &Bucket, asked: Moment, answer: &Result<Vec<u8>, ApiError>) {
        self.is_theirs("a file", bucket, asked, answer.is_ok());
        let expected = [ErrorCode::TokenInvalid, ErrorCode::NotFound, ErrorCode::NotPermitted];
        self.refusal("segment", answer.as_ref().err(), &expected);
    }

    /// An answer to a question for what differs.
    pub fn heal(&self, bucket: &Bucket, asked: Moment, answer: &Result<HealResponse, ApiError>) {
        self.is_theirs("ranges", bucket, asked, answer.as_ref().is_ok_and(|healed| !healed.ranges.is_empty()));
        let expected = [ErrorCode::TokenInvalid, ErrorCode::NotFound, ErrorCode::NotPermitted];
        self.refusal("heal", answer.as_ref().err(), &expected);
        self.trace
            .note(&self.who, &format!("healed {bucket}: {:?}", answer.as_ref().map(|healed| healed.ranges.len())));
    }

    fn is_theirs(&self, what: &str, bucket: &Bucket, asked: Moment, is_given: bool) {
        if is_given && !self.seen_since(asked).contains(bucket) {
            self.trace.fail("nothing outside the scope", &format!("{} was given {what} of {bucket}", self.who));
        }
    }

    fn delta(&self, scope: &Scope, delta: &BucketDelta) {
        if !scope.contains(&delta.bucket) {
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
        let is_fault = |code: ErrorCode| matches!(code, ErrorCode::StorageFull | ErrorCode::Internal);
        let may_fail = self.may_fail.load(Ordering::SeqCst);
        match error {
            None | Some(ApiError::Busy { .. }) => {}
            Some(ApiError::Refused(body)) if expected.contains(&body.code) || (may_fail && is_fault(body.code)) => {
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
