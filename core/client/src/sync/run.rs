//! One run: request by request until phone and server are in step.

use rusqlite::Transaction;
use storewalk_domain::time::Timestamp;
use storewalk_wire::{
    CAPABILITIES, CommandVerdict, ErrorCode, MAX_BATCH_BYTES, MAX_BATCH_COMMANDS, ProblemBody, SyncRequest,
    SyncResponse,
};

use super::{SyncReport, bulk::Fetched, copy, health, publish::rebase_in_place, ripe::Ripe, stage, status, window};
use crate::{ClientError, Phone, outbox, photos, receipt, session};

/// Room in a request for everything beside the commands.
const HEAD_BYTES: usize = 256 * 1024;

/// What a run knows so far.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) report: SyncReport,
    /// The last number the server has worked through, as far as this run knows.
    pub(super) acked: u64,
    /// After a recovery: nothing is sent before the server has said where it stands.
    pub(super) must_ask: bool,
    /// Why commands do not get through; from then on the run only pulls.
    pub(super) blocked: Option<ClientError>,
    /// Why the server sends no rows; commands get through.
    pub(super) withheld: Option<ClientError>,
    /// The protocol the server did not know; an older one is spoken since.
    fallen_back_from: Option<u32>,
    /// The server has called a number used twice, and that has been seen to.
    pub(super) has_doubted: bool,
    /// Most commands per request; halved for every failure in a row, so that a poor link still carries some, and
    /// doubled for every answer.
    batch: usize,
    /// How often files of rows could not be had or read. The first time may be a matter of bad timing.
    failed_segments: u32,
    /// A complete pull that waits for the next one, because more is being sent.
    pub(super) kept_back: Option<Ripe>,
    /// When something was last published in this run, or the run began, by the monotonic clock.
    pub(super) shown_ms: i64,
    pub(super) is_done: bool,
}

/// How often a run pulls again because healing asked for it.
const HEALING_PULLS: usize = 3;

/// From how many failures on a run asks for pages instead of files.
const MOST_FAILED_SEGMENTS: u32 = 2;

impl Phone {
    /// Pushes, pulls and publishes until phone and server are in step. Only one runs at a time; a second caller waits
    /// and gets a fresh run of its own. Whatever comes of it, there is a next attempt.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, nobody is signed in, or the storage fails. What was published
    /// before stays, what was staged is gone on from.
    pub async fn sync(&self) -> Result<SyncReport, ClientError> {
        let _turn = self.inner.syncing.lock().await;
        let (before, began) = (self.traffic(), self.inner.clock.now());
        let result = match self.run().await {
            Ok(run) => self.end(run, began),
            Err(error) => Err(error),
        };
        match result {
            Ok(mut report) => {
                let traffic = self.traffic().since(before);
                (report.bytes_up, report.bytes_down) = (traffic.up, traffic.down);
                Ok(report)
            }
            Err(error) => {
                self.note_failure(&error);
                Err(error)
            }
        }
    }

    fn end(&self, run: Run, began: Timestamp) -> Result<SyncReport, ClientError> {
        if let Some(error) = run.blocked {
            self.note_failure(&error);
            return Ok(SyncReport { complete: false, ..run.report });
        }
        if let Some(why) = run.withheld {
            self.note_withheld(&why)?;
            return Ok(SyncReport { complete: false, ..run.report });
        }
        self.note_success(began)?;
        self.note_doubt()?;
        Ok(SyncReport { complete: true, ..run.report })
    }

    async fn run(&self) -> Result<Run, ClientError> {
        let (device, state) = self.read(|connection| Ok((session::device(connection)?, status::state(connection)?)))?;
        let mut run = Run {
            acked: device.acked_seq,
            must_ask: device.must_ask,
            batch: (MAX_BATCH_COMMANDS >> state.failures.min(9)).max(1),
            shown_ms: self.inner.clock.monotonic_ms(),
            ..Run::default()
        };
        self.scan_when_due()?;
        if self.is_same().await? {
            run.report.pages = 1;
            return Ok(run);
        }
        self.step_by_step(&mut run).await?;
        for _ in 0..HEALING_PULLS {
            if run.withheld.is_some() || !self.heal(&mut run.report.rows_healed).await? {
                break;
            }
            run.is_done = false;
            self.step_by_step(&mut run).await?;
        }
        if self.read(outbox::pending_count)? == 0 {
            self.inner.mirror.rewrite(&self.inner.db);
        }
        Ok(run)
    }

    /// Asks and takes in until everything is sent and every bucket is at its head. A complete pull that was kept back
    /// is published however that ends.
    async fn step_by_step(&self, run: &mut Run) -> Result<(), ClientError> {
        let ended = self.ask_on(run).await;
        let shown = self.show_kept_back(run);
        ended.and(shown)
    }

    async fn ask_on(&self, run: &mut Run) -> Result<(), ClientError> {
        while !run.is_done {
            let request = self.compose(run)?;
            let sent_before = self.read(session::sent_seq)?;
            if let Some(last) = request.commands.last() {
                let now = self.inner.clock.now();
                self.write(|transaction| {
                    outbox::note_sent(transaction, last.seq)?;
                    receipt::note_asked(transaction, &request, now)
                })?;
            }
            let answer = self
                .authorized(|api, token| {
                    let request = request.clone();
                    async move { api.sync(&token, &request).await }
                })
                .await;
            let goes_on = |response: &SyncResponse| {
                response.is_complete && response.withheld.is_none() && response.acked_seq >= run.acked
            };
            if !answer.as_ref().is_ok_and(goes_on) {
                self.show_kept_back(run)?;
            }
            match answer {
                // What of the unsent work the other one has sent is not known here.
                Ok(response) if self.shows_a_copy(run, &response)? && self.part_from_copy(run, u64::MAX).await? => {}
                Ok(response) => self.receive(run, &request, &response).await?,
                Err(ClientError::Refused(body)) if window::is_server_outdated(&body) => {
                    if run.fallen_back_from.is_some() || !self.fall_back(request.protocol, &body)? {
                        return Err(ClientError::Refused(body));
                    }
                    run.fallen_back_from = Some(request.protocol);
                }
                // A token that is not taken says nothing of the commands.
                Err(error) if error.is_token_invalid() => return Err(error),
                Err(ClientError::Refused(body)) if !request.commands.is_empty() => {
                    let is_reused = body.code == ErrorCode::SequenceReused && !run.has_doubted;
                    let own_from = copy::first_clash(&request, &body).max(sent_before + 1);
                    if !(is_reused && self.part_from_copy(run, own_from).await?) {
                        self.set_back(run, body)?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A request with commands was refused as a whole. They may be what it objects to: the pull must not suffer for it.
    fn set_back(&self, run: &mut Run, body: Box<ProblemBody>) -> Result<(), ClientError> {
        tracing::warn!(code = body.code.as_str(), "commands were not taken; going on without them");
        if body.code == ErrorCode::SequenceReused && !run.has_doubted {
            self.write(|transaction| {
                outbox::doubt_numbers(transaction)?;
                rebase_in_place(transaction)
            })?;
            (run.has_doubted, run.must_ask) = (true, true);
        } else {
            run.blocked = Some(ClientError::Refused(body));
        }
        Ok(())
    }

    fn compose(&self, run: &Run) -> Result<SyncRequest, ClientError> {
        let device_at = self.inner.clock.now();
        self.read(|connection| {
            let mut commands = Vec::new();
            if run.blocked.is_none() && !run.must_ask {
                let mut bytes = HEAD_BYTES;
                for stored in outbox::to_send(connection, run.acked, run.batch, device_at)? {
                    bytes += stored.wire_bytes();
                    if bytes > MAX_BATCH_BYTES && !commands.is_empty() {
                        break;
                    }
                    commands.push(stored.read()?.envelope);
                }
            }
            Ok(SyncRequest {
                protocol: self.protocol(connection)?,
                capabilities: run.capabilities(),
                commands,
                cursors: stage::cursors(connection)?,
                health: health::of(self, connection, device_at)?,
            })
        })
    }

    /// Takes an answer in: one transaction, or two when files of rows must come in between.
    async fn receive(&self, run: &mut Run, request: &SyncRequest, response: &SyncResponse) -> Result<(), ClientError> {
        if let Some(why) = &response.withheld {
            return self.receive_without_rows(run, request, response, why);
        }
        let (was_asking, has_sent) = (run.must_ask, !request.commands.is_empty());
        let goes_on_sending = has_sent && !was_asking && run.blocked.is_none() && !run.is_stuck(request, response);
        let ripe = Ripe::of(self.anchor_at(response.server_at), &request.health, response);
        let is_soon = self.is_soon(run);
        let (is_moved, is_kept_back, mut published) = self.write(|transaction| {
            let is_moved = self.take_verdicts(transaction, run, request, response)?;
            window::keep(transaction, response.protocols)?;
            stage::stage(transaction, response)?;
            let is_ready = response.is_complete && stage::segments(transaction)?.is_empty();
            let is_kept_back = is_ready && goes_on_sending && is_soon && !self.is_all_sent(transaction, &ripe)?;
            let published = if is_ready && !is_kept_back { self.publish(transaction, &ripe)? } else { None };
            Ok((is_moved, is_kept_back, published))
        })?;
        // Its rows are staged with these now, and these may still need files.
        run.kept_back = None;
        if is_moved {
            self.inner.mirror.rewrite(&self.inner.db);
        }
        if response.is_complete && published.is_none() && !is_kept_back {
            published = self.publish_in_bulk(run, |transaction| self.publish(transaction, &ripe)).await?;
        }
        let is_done = published.is_some_and(|shown| shown.is_all_sent);
        if let Some(shown) = published {
            self.note_shown(run, &ripe, shown);
        }
        run.kept_back = is_kept_back.then_some(ripe);
        run.note_answer(request, response);
        let has_news = has_sent || response.buckets.iter().any(|delta| !delta.entries.is_empty());
        if !response.is_complete && !has_news && !was_asking {
            tracing::warn!("an answer brought nothing and asks to go on");
            return Err(ClientError::NotTheServer);
        }
        run.is_done = published.is_some() && (is_done || run.blocked.is_some());
        Ok(())
    }

    /// Fetches the files a complete pull names and publishes it; nothing when they cannot be had or read, and the
    /// pull must go on without them.
    async fn publish_in_bulk<T>(
        &self,
        run: &mut Run,
        publish: impl FnOnce(&Transaction<'_>) -> Result<Option<T>, ClientError>,
    ) -> Result<Option<T>, ClientError> {
        if self.fetch_segments(&mut run.report.rows_applied).await? == Fetched::NotAll {
            run.failed_segments += 1;
            return Ok(None);
        }
        let published = match self.write(publish) {
            Err(ClientError::NotTheServer) => {
                self.forget_segments()?;
                run.failed_segments += 1;
                None
            }
            other => other?,
        };
        self.tidy_segments()?;
        Ok(published)
    }

    /// Keeps the server's answers and brings the outbox in line with where it stands. Says whether the mirror does not
    /// have what is pending now.
    pub(super) fn take_verdicts(
        &self,
        transaction: &Transaction<'_>,
        run: &Run,
        request: &SyncRequest,
        response: &SyncResponse,
    ) -> Result<bool, ClientError> {
        let device = session::device(transaction)?.id;
        receipt::take_batch(transaction, device, request, response, self.inner.clock.now())?;
        for result in &response.results {
            outbox::save_verdict(transaction, result.command_id, &result.verdict)?;
        }
        let mut is_moved = if run.has_doubted && run.must_ask {
            let base = response.acked_seq.max(outbox::last_answered(transaction)?);
            outbox::lift_unanswered(transaction, base)?;
            true
        } else {
            outbox::renumber(transaction, response.acked_seq)?
        };
        let is_behind = response.acked_seq < run.acked;
        if is_behind {
            let taken_back = outbox::take_back(transaction, response.acked_seq)?;
            tracing::warn!(commands = taken_back, "the server has forgotten commands; they are sent again");
            // The rows that come with this may be long in coming. What is pending shows what it made, or why not.
            rebase_in_place(transaction)?;
            is_moved |= taken_back > 0;
            photos::offer_again(transaction, photos::Doubt::All, self.inner.clock.now())?;
        }
        if is_behind || run.must_ask {
            let filled =
                outbox::fill_gaps(transaction, response.acked_seq, &self.now(), || self.new_id(), &response.actor)?;
            is_moved = is_moved || filled > 0;
        }
        if is_behind {
            is_moved |= outbox::close_gaps(transaction, response.acked_seq)?;
        }
        Ok(is_moved)
    }
}

impl Run {
    /// Counts an answer and goes on from where the server stands.
    pub(super) fn note_answer(&mut self, request: &SyncRequest, response: &SyncResponse) {
        self.report.pages += 1;
        count(&mut self.report, self.acked, response);
        if self.is_stuck(request, response) {
            self.blocked = Some(ClientError::Busy { retry_after_ms: None });
        }
        self.acked = response.acked_seq;
        self.batch = self.batch.saturating_mul(2).min(MAX_BATCH_COMMANDS);
        self.must_ask = false;
    }

    /// Whether the server has taken nothing of what was sent.
    fn is_stuck(&self, request: &SyncRequest, response: &SyncResponse) -> bool {
        let Some(first) = request.commands.first() else { return false };
        let is_ahead = response.acked_seq >= first.seq && !response.results.is_empty();
        !is_ahead && response.acked_seq >= self.acked
    }

    fn capabilities(&self) -> Vec<String> {
        let is_fit = |name: &&&str| **name != "segments" || self.failed_segments < MOST_FAILED_SEGMENTS;
        CAPABILITIES.iter().filter(is_fit).map(|name| (*name).to_owned()).collect()
    }
}

/// Counts the verdicts on commands this run had not yet heard of.
fn count(report: &mut SyncReport, acked: u64, response: &SyncResponse) {
    for result in response.results.iter().filter(|result| result.seq > acked) {
        report.commands_sent += 1;
        match result.verdict {
            CommandVerdict::Applied => {}
            CommandVerdict::Held { .. } => report.held += 1,
            CommandVerdict::Changed { .. } => report.changed += 1,
            CommandVerdict::Refused { .. } => report.refused += 1,
        }
    }
}
