//! What the app does over the line, each beside whatever else runs, and what may come of it.

use std::sync::{Arc, atomic::Ordering};

use storewalk_client::{ClientError, Phone};
use storewalk_domain::time::{Clock, Timestamp};

use super::Handset;
use crate::{
    simulation::{room::Disk, sight::Sight, trace::Trace},
    world::PASSWORD,
};

impl Handset {
    /// Starts a sync beside whatever runs.
    pub fn start_sync(&mut self) {
        let (phone, name, trace) = (self.phone().clone(), self.name.clone(), self.trace.clone());
        let (is_whole, published) = (Arc::clone(&self.is_whole), Arc::clone(&self.has_published));
        let (link, disk, clock) = (Arc::clone(&self.link), self.disk.clone(), Arc::clone(&self.clock));
        self.spawn(async move {
            match phone.sync().await {
                Ok(report) => {
                    is_whole.fetch_or(report.complete, Ordering::SeqCst);
                    published.fetch_or(report.complete, Ordering::SeqCst);
                    link.sight(Sight::confirm);
                    trace.note(&name, &format!("synced: {report:?}"));
                }
                Err(error) => {
                    note_error(&trace, &name, &disk, "sync", &error);
                    waits_a_while(&trace, &name, &phone, clock.now());
                }
            }
        });
    }

    /// Starts sending photo bytes beside whatever runs.
    pub fn start_upload(&mut self) {
        let (phone, name, trace) = (self.phone().clone(), self.name.clone(), self.trace.clone());
        let disk = self.disk.clone();
        self.spawn(async move {
            match phone.upload_photos().await {
                Ok(report) => trace.note(&name, &format!("uploaded: {report:?}")),
                Err(error) => note_error(&trace, &name, &disk, "upload", &error),
            }
        });
    }

    /// Starts signing in.
    pub fn start_sign_in(&mut self) {
        let (phone, name, trace) = (self.phone().clone(), self.name.clone(), self.trace.clone());
        let (login, disk) = (self.account.login, self.disk.clone());
        self.spawn(async move {
            match phone.sign_in(login, PASSWORD).await {
                Ok(_) => trace.note(&name, "signed in"),
                Err(error) => note_error(&trace, &name, &disk, "sign in", &error),
            }
        });
    }
}

/// Notes how a call failed; faults of the core are objected to.
pub(super) fn note_error(trace: &Trace, name: &str, disk: &Disk, call: &str, error: &ClientError) {
    match error {
        // A call may end after there is room again.
        full if full.code() == "storage_full" && disk.was_full() => {
            trace.note(name, &format!("{call} found no room"));
        }
        ClientError::Storage { .. } | ClientError::Internal(_) | ClientError::File(_) | ClientError::Rejected(_) => {
            trace.fail("the core works", &format!("{name} {call}: {error:?}"));
        }
        other => trace.note(name, &format!("{call} failed: {}", other.code())),
    }
}

/// What has just failed is tried again, but not at once, and not before it is known why.
fn waits_a_while(trace: &Trace, name: &str, phone: &Phone, now: Timestamp) {
    // Closed meanwhile: nobody can say.
    let Ok(status) = phone.status() else { return };
    if status.next_attempt_at <= now || status.last_error.is_none() || status.failures == 0 {
        trace.fail("a failure is waited out", &format!("{name}: {status:?} at {now:?}"));
    }
}
