//! What is measured once the weather is quiet: how long the queues take to empty, and what a handover costs.

use storewalk_domain::time::Clock;

use super::{handset::Handset, link::Meter, office, oracle, reckoning::ROUND_MS, run::Run};

/// How long the queues may take once phones were told that there is a network and nothing was under way in a dead one: a
/// sign-in, which a person waits for, is not asked anew.
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
        let hangs = self.handsets.iter().any(|handset| !handset.tasks().is_empty());
        let must_wait = self.handsets.iter().map(waits_for_another_reason).collect::<anyhow::Result<Vec<_>>>()?;
        if is_told {
            for handset in &self.handsets {
                handset.phone().network_returned()?;
            }
        }
        let mut drained = None;
        while drained.is_none() && self.time.now() - began < LONGEST_MS {
            let step = if self.time.now() - began < 2 * DRAIN_MS { 500 } else { 15_000 };
            self.executor.run_until(self.time.now() + step);
            for handset in &mut self.handsets {
                tend(handset)?;
            }
            self.executor.run_until(self.time.now());
            if self.are_queues_empty()? {
                drained = Some(self.time.now() - began);
            }
        }
        let told = format!("told {is_told}, hangs {hangs}, waits {must_wait:?}: queues empty after {drained:?} ms");
        self.trace.note("weather", &told);
        let took = drained.unwrap_or(LONGEST_MS);
        if is_told {
            self.counts.drain_told_ms = Some(took);
        } else {
            self.counts.drain_alone_ms = Some(took);
        }
        if is_told && !hangs && !must_wait.contains(&true) && took > DRAIN_MS {
            self.trace.fail("queues empty soon", &told);
        }
        Ok(())
    }

    fn sync_all(&mut self) {
        for handset in &mut self.handsets {
            handset.start_sync();
            self.executor.run_out(&handset.tasks(), ROUND_MS);
        }
    }

    fn are_queues_empty(&self) -> anyhow::Result<bool> {
        for handset in &self.handsets {
            let status = handset.phone().status()?;
            if status.unsent_commands > 0 || status.unsent_photos > 0 || !handset.tasks().is_empty() {
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

/// Whether a phone has a reason to wait that no network takes away: the server asked it to, or refused something.
fn waits_for_another_reason(handset: &Handset) -> anyhow::Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM sync_state WHERE last_error NOT IN ('offline', 'timeout', 'not_the_server'))
                   OR EXISTS (SELECT 1 FROM uploads WHERE state <> 'done' AND attempts > 0
                              AND coalesce(last_error, '') NOT IN ('offline', 'timeout', 'not_the_server'))
                   OR EXISTS (SELECT 1 FROM uploads WHERE state = 'done')";
    Ok(handset.database().query_row(sql, [], |row| row.get(0))?)
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
