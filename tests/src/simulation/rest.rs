//! What is measured once the weather is quiet: how long the queues take to empty, and what a handover costs.

use rusqlite::OptionalExtension;
use storewalk_domain::time::Clock;

use super::{handset::Handset, link::Meter, office, oracle, reckoning::ROUND_MS, run::Run};

/// How long the queues may take once phones were told that there is a network. Whoever takes longer must have a reason
/// that no network takes away, or a sign-in under way in a dead line, which a person waits for and which is not asked anew.
const DRAIN_MS: i64 = 5_000;

/// The longest time that is measured.
const LONGEST_MS: i64 = 20 * 60_000;

/// What a handover may cost a phone beside the rows that move.
const HANDOVER_BYTES: usize = 2_048;

impl Run {
    /// Lets the queues empty and measures how long that takes. In half of the runs the phones are told that there is a
    /// network; in the others they find out by themselves.
    pub(super) fn drain(&mut self) -> anyhow::Result<()> {
        let began = self.time.now();
        let is_told = self.chaos.chance(50);
        if is_told {
            for handset in &self.handsets {
                handset.phone().network_returned()?;
            }
        }
        let hung: Vec<bool> = self.handsets.iter().map(|handset| !handset.tasks().is_empty()).collect();
        let (mut drained, mut reasons) = (None, None);
        while drained.is_none() && self.time.now() - began < LONGEST_MS {
            let step = if self.time.now() - began < 2 * DRAIN_MS { 500 } else { 15_000 };
            self.executor.run_until(self.time.now() + step);
            for handset in &mut self.handsets {
                tend(handset)?;
            }
            self.executor.run_until(self.time.now());
            if self.are_queues_empty()? {
                drained = Some(self.time.now() - began);
            } else if reasons.is_none() && self.time.now() - began >= DRAIN_MS {
                reasons = Some(self.reasons_to_wait(&hung)?);
            }
        }
        let reasons = reasons.unwrap_or_default();
        let told = format!("told {is_told}: queues empty after {drained:?} ms, {reasons:?}");
        self.trace.note("weather", &told);
        let took = drained.unwrap_or(LONGEST_MS);
        match (is_told, reasons.is_empty()) {
            (true, true) => self.counts.drain_told_ms = Some(took),
            (true, false) => self.counts.drain_asked_ms = Some(took),
            (false, _) => self.counts.drain_alone_ms = Some(took),
        }
        if is_told && reasons.iter().any(|(_, reason)| reason.is_none()) {
            self.trace.fail("queues empty soon", &told);
        }
        Ok(())
    }

    /// Who still has something unsent, and what it waits for.
    fn reasons_to_wait(&self, hung: &[bool]) -> anyhow::Result<Vec<(String, Option<String>)>> {
        let mut reasons = Vec::new();
        for (number, handset) in self.handsets.iter().enumerate() {
            if is_queue_empty(handset)? {
                continue;
            }
            let reason = match reason_to_wait(handset)? {
                None if hung.get(number) == Some(&true) => Some("under way in a dead line".to_owned()),
                reason => reason,
            };
            reasons.push((handset.name.clone(), reason));
        }
        Ok(reasons)
    }

    fn sync_all(&mut self) {
        for handset in &mut self.handsets {
            handset.start_sync();
            self.executor.run_out(&handset.tasks(), ROUND_MS);
        }
    }

    fn are_queues_empty(&self) -> anyhow::Result<bool> {
        for handset in &self.handsets {
            if !is_queue_empty(handset)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A territory changes hands while everything is in step: the rows that move may cost what they are and little
    /// more, and nothing of them is left with whoever had them.
    pub(super) fn hand_over_at_rest(&mut self) -> anyhow::Result<()> {
        // Nobody's token runs out, and nobody hears of anything else, in between; answers come as the server cuts them.
        for handset in &self.handsets {
            handset.link.set_short_pages(0);
        }
        self.sync_all();
        let before: Vec<Meter> = self.handsets.iter().map(|handset| handset.link.meter()).collect();
        office::hand_over_at_rest(&self.server, &mut self.chaos, &self.trace);
        self.executor.run_until(self.time.now() + 1_000);
        self.sync_all();
        let mut objections = Vec::new();
        for (handset, before) in self.handsets.iter().zip(before) {
            let cost = handset.link.meter().since(before);
            self.trace.note(&handset.name, &format!("the handover cost {cost:?}, packed {}", handset.link.is_packed()));
            // Only what travels as it ships is counted; a line that does not pack is there to read along.
            if cost.count > 0 && handset.link.is_packed() {
                self.counts.moved_rows += cost.count;
                self.counts.handover_bytes += cost.down;
                self.counts.handover_row_bytes += cost.rows;
                let beside = cost.down.saturating_sub(cost.rows);
                self.counts.handover_beside = self.counts.handover_beside.max(beside);
            }
            let beside = if handset.link.is_packed() { HANDOVER_BYTES } else { 2 * HANDOVER_BYTES };
            if cost.down > cost.rows + beside {
                objections.push(format!("{}: a handover cost {cost:?}", handset.name));
            }
            let scope = self.scopes().now(handset.account.login);
            objections.extend(oracle::holds_only_its_own(handset, &scope)?);
        }
        self.object(vec![("a handover costs what moves", objections)]);
        Ok(())
    }
}

fn is_queue_empty(handset: &Handset) -> anyhow::Result<bool> {
    let status = handset.phone().status()?;
    Ok(status.unsent_commands == 0 && status.unsent_photos == 0 && handset.tasks().is_empty())
}

/// Why a phone waits, where that is nothing that a network takes away: the server asked it to or refused something, or
/// the phone itself has no room, not even to write that down.
fn reason_to_wait(handset: &Handset) -> anyhow::Result<Option<String>> {
    const OF_THE_LINE: [&str; 3] = ["offline", "timeout", "not_the_server"];
    if let Some(error) = handset.phone().status()?.last_error
        && !OF_THE_LINE.contains(&error.code.as_str())
    {
        return Ok(Some(error.code));
    }
    let sql = "SELECT 'photo: ' || last_error FROM uploads
               WHERE state <> 'done' AND last_error NOT IN ('offline', 'timeout', 'not_the_server') LIMIT 1";
    Ok(handset.database().query_row(sql, [], |row| row.get(0)).optional()?)
}

/// What a shell does: signs in when it must, syncs when it is due, sends photo bytes.
fn tend(handset: &mut Handset) -> anyhow::Result<()> {
    if !handset.tasks().is_empty() {
        return Ok(());
    }
    let status = handset.phone().status()?;
    if status.needs_sign_in {
        handset.start_sign_in();
    } else if status.next_attempt_at <= handset.clock.now() {
        handset.start_sync();
        handset.start_upload();
    } else if status.unsent_photos > 0 {
        handset.start_upload();
    }
    Ok(())
}
