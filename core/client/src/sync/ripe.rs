//! A complete pull between its last answer and its publishing.
//!
//! Publishing runs everything that is still unsent again. While a queue goes out request by request that would be most
//! of the work, so an answer that comes soon after the last publishing waits for the next one. It waits no longer than
//! [`SOON_MS`], and not at all once nothing more is to be sent; it is published when the run ends or fails, when a pull
//! begins that takes more than one answer, and before anything the server says of the numbers is acted upon.

use rusqlite::Transaction;
use storewalk_domain::time::ServerAnchor;
use storewalk_wire::{DeviceHealth, SyncResponse};

use super::{publish, run::Run, stage, standing};
use crate::{ClientError, Phone, outbox, photos};

/// How long after the last publishing an answer may wait for the next one.
const SOON_MS: i64 = 1_000;

/// What publishing needs of the answer that completed a pull; its rows are staged.
#[derive(Debug)]
pub(super) struct Ripe {
    anchor: ServerAnchor,
    told: DeviceHealth,
    response: SyncResponse,
}

impl Ripe {
    pub(super) fn of(anchor: ServerAnchor, told: &DeviceHealth, response: &SyncResponse) -> Self {
        let response = SyncResponse {
            server_at: response.server_at,
            results: Vec::new(),
            acked_seq: response.acked_seq,
            actor: response.actor.clone(),
            policies: response.policies.clone(),
            buckets: Vec::new(),
            gone: Vec::new(),
            is_complete: response.is_complete,
            standing: response.standing.clone(),
            receipt: None,
            protocols: None,
            withheld: None,
        };
        Self { anchor, told: told.clone(), response }
    }
}

/// What a publishing did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shown {
    rows: u64,
    /// Whether nothing more is to be sent.
    pub(super) is_all_sent: bool,
}

impl Phone {
    /// Publishes what is staged.
    pub(super) fn publish(&self, transaction: &Transaction<'_>, ripe: &Ripe) -> Result<Option<Shown>, ClientError> {
        let (is_another_life, now) = (stage::is_another_life(transaction)?, self.inner.clock.now());
        let rows = publish::publish(transaction, &ripe.response, &ripe.anchor, &self.inner.segments)?;
        standing::keep(transaction, &ripe.told, &ripe.response)?;
        photos::note_known(transaction, now)?;
        if is_another_life {
            photos::offer_again(transaction, photos::Doubt::Unseen, now)?;
        }
        Ok(Some(Shown { rows, is_all_sent: self.is_all_sent(transaction, ripe)? }))
    }

    pub(super) fn is_all_sent(&self, transaction: &Transaction<'_>, ripe: &Ripe) -> Result<bool, ClientError> {
        let now = self.inner.clock.now();
        Ok(outbox::to_send(transaction, ripe.response.acked_seq, 1, now)?.is_empty())
    }

    /// Whether the last publishing of a run was a moment ago.
    pub(super) fn is_soon(&self, run: &Run) -> bool {
        (0..SOON_MS).contains(&self.inner.clock.monotonic_ms().saturating_sub(run.shown_ms))
    }

    /// Publishes what was kept back, if anything was.
    pub(super) fn show_kept_back(&self, run: &mut Run) -> Result<(), ClientError> {
        let Some(ripe) = run.kept_back.take() else { return Ok(()) };
        if let Some(shown) = self.write(|transaction| self.publish(transaction, &ripe))? {
            self.note_shown(run, &ripe, shown);
        }
        Ok(())
    }

    pub(super) fn note_shown(&self, run: &mut Run, ripe: &Ripe, shown: Shown) {
        run.report.rows_applied += shown.rows;
        run.shown_ms = self.inner.clock.monotonic_ms();
        self.set_anchor(ripe.anchor.clone());
    }
}
