//! Bringing phone and server together.
//!
//! **States of a run.** Send a batch with the cursors → stage the page that comes back → (again until the server says
//! complete) → fetch the files it names → publish → (again while commands are unsent) → heal what is in doubt. A run
//! that fails leaves what is staged; the next one goes on from there.
//!
//! **Invariants.** Publishing is one transaction: put the shadows back, apply the server's rows, mark what the server
//! has worked through, run what is still pending again. Nothing of an incomplete pull shows. A push that cannot get
//! through never holds back a pull. After any run there is a next attempt.
//!
//! **Non-goals.** Photo bytes travel in `photos/`.

mod backoff;
mod bulk;
mod copy;
mod follow;
mod heal;
mod health;
mod membership;
mod network;
mod publish;
mod rebase;
mod ripe;
mod rows;
mod run;
mod scan;
pub(crate) mod shadow;
mod stage;
mod standing;
mod state;
mod status;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod trusted;
mod window;

pub(crate) use backoff::delay_ms;
pub(crate) use bulk::SegmentFiles;
pub(crate) use network::{hasten_for_session, is_of_the_line};
pub(crate) use publish::rebase_in_place;
pub(crate) use rows::{take_in_new, take_in_unknown};
pub use scan::ScanReport;
pub use state::SyncState;
pub use status::{ErrorView, SyncStatus};
pub(crate) use status::{Failure, anchor, make_due, only_here, save_anchor, unsent_photos};
pub use trusted::ClockWarning;
pub(crate) use trusted::{save_floor, trusted_floor};
pub(crate) use window::keep as keep_protocols;

/// What a run did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SyncReport {
    /// Commands the server has worked through in this run.
    pub commands_sent: u64,
    /// Of these: refused.
    pub refused: u64,
    /// Of these: done, but not as meant.
    pub changed: u64,
    /// Of these: done, and waiting.
    pub held: u64,
    /// Rows written or removed by what was published.
    pub rows_applied: u64,
    /// Responses read.
    pub pages: u64,
    /// Bytes sent, as far as the transport counts.
    pub bytes_up: u64,
    /// Bytes received, as far as the transport counts.
    pub bytes_down: u64,
    /// Rows found damaged on the phone, or to differ from the server's, and fetched again.
    pub rows_healed: u64,
    /// Whether everything was sent and every bucket is at its head.
    pub complete: bool,
}
