//! The end of a run: quiet weather until everything is in step, then every oracle.

use storewalk_domain::time::Clock;

use super::{
    handset::{Handset, unpoisoned},
    link::Weather,
    oracle,
    run::Run,
};

/// How long one round of syncing may take in quiet weather.
pub(super) const ROUND_MS: i64 = 600_000;

/// Rounds of quiet weather after which nothing may be pending any more.
const ROUNDS: i64 = 24;

impl Run {
    /// Quiet weather until everything is in step, then every oracle.
    pub(super) fn come_to_rest(&mut self) -> anyhow::Result<()> {
        self.trace.note("weather", "quiet from here");
        self.server.plan_end(false);
        if self.server.has_ended() {
            self.kill_server()?;
        }
        if !self.server.is_up() {
            self.start_server()?;
        }
        self.server.set_weather(0, 0);
        for handset in &self.handsets {
            handset.link.set_weather(Weather::default());
            handset.link.update_outdated();
            handset.disk.free();
        }
        self.drain()?;
        self.go_round()?;
        self.reckon()?;
        // Whoever is parked comes back, finds what they captured, and sends it.
        while self.handsets.iter().any(|handset| handset.parked() > 0) && !self.have_all_had_their_turn {
            self.have_all_had_their_turn = true;
            for place in 0..self.handsets.len() {
                if self.handsets[place].parked() > 0 && !self.handsets[place].change_hands(0)? {
                    self.trace.fail("the parked come back", &self.handsets[place].name);
                }
            }
            self.go_round()?;
            self.reckon()?;
        }
        // Files of a handful of rows, as these runs have them, cost more to name than they hold.
        if self.climate.scope_changes > 0 && self.climate.bulk_rows == 0 && self.trace.failures().is_empty() {
            self.hand_over_at_rest()?;
        }
        Ok(())
    }

    /// Rounds of syncing until everything is in step.
    fn go_round(&mut self) -> anyhow::Result<()> {
        for handset in &mut self.handsets {
            handset.look_at_rows()?;
        }
        for round in 0..ROUNDS {
            self.counts.rounds += 1;
            // First the longest time between two attempts, later the longest time a refused photo waits.
            let pause = if round < 8 { 16 * 60_000 } else { 2 * 3_600_000 };
            self.executor.run_until(self.time.now() + pause);
            for place in 0..self.handsets.len() {
                self.sync_when_due(place)?;
            }
            if self.is_settled()? {
                break;
            }
        }
        Ok(())
    }

    fn sync_when_due(&mut self, place: usize) -> anyhow::Result<()> {
        let handset = &mut self.handsets[place];
        handset.deliver_all(ROUND_MS)?;
        if handset.phone().status()?.needs_sign_in {
            handset.start_sign_in();
            self.executor.run_out(&handset.tasks(), ROUND_MS);
        }
        let status = handset.phone().status()?;
        if status.next_attempt_at > handset.clock.now() {
            let wait = status.next_attempt_at.since_ms(handset.clock.now());
            self.trace.note(&handset.name, &format!("not due for {wait} ms"));
            return Ok(());
        }
        handset.start_sync();
        let mut is_over = self.executor.run_out(&handset.tasks(), ROUND_MS);
        handset.start_upload();
        is_over &= self.executor.run_out(&handset.tasks(), ROUND_MS);
        if !is_over {
            self.trace.fail("the queue empties", &format!("{} never finished a round", handset.name));
        }
        Ok(())
    }

    fn is_settled(&self) -> anyhow::Result<bool> {
        let scopes = self.scopes();
        let mut books = unpoisoned(&self.ledger);
        let server = books.connection(self.server.folder())?;
        for handset in &self.handsets {
            let status = handset.phone().status()?;
            if handset.has_parcels()?
                || status.unsent_commands > 0
                || status.unsent_photos > 0
                || status.last_error.is_some()
            {
                return Ok(false);
            }
            let is_behind =
                !oracle::shows_what_the_server_has(server, handset, &scopes.now(handset.account.login))?.is_empty();
            if is_behind {
                return Ok(false);
            }
        }
        Ok(self.waits_for_people() || oracle::bytes_are_those_announced(server, self.server.folder())?.is_empty())
    }

    /// Whether somebody is parked with what they have not sent.
    fn waits_for_people(&self) -> bool {
        !self.have_all_had_their_turn && self.handsets.iter().any(|handset| handset.parked() > 0)
    }

    fn reckon(&mut self) -> anyhow::Result<()> {
        let mut objections = Vec::new();
        let scopes = self.scopes();
        {
            let mut books = unpoisoned(&self.ledger);
            let server = books.connection(self.server.folder())?;
            for handset in &self.handsets {
                let scope = scopes.now(handset.account.login);
                objections.push(("nothing left over", oracle::nothing_is_left_over(handset)?));
                if handset.has_parcels()? {
                    objections.push(("parcels arrive", vec![format!("{}: parcels are left", handset.name)]));
                }
                objections.push(("exactly once", oracle::worked_through_once(server, handset)?));
                objections.push(("receipts", oracle::every_command_is_receipted(server, handset)?));
                objections.push(("same as the server", oracle::shows_what_the_server_has(server, handset, &scope)?));
                objections.push(("only its own", oracle::holds_only_its_own(handset, &scope)?));
                objections.push(("nothing lost", oracle::nothing_captured_is_lost(handset)?));
                objections.push(("nothing hidden", oracle::nothing_captured_is_hidden(handset)?));
                objections.push(("a next attempt", oracle::always_a_next_attempt(handset)?));
            }
            if !self.waits_for_people() {
                objections.push(("photos", oracle::bytes_are_those_announced(server, self.server.folder())?));
            }
            objections.push(("money", oracle::within_credit(server)?));
            let captured = self.handsets.iter().flat_map(Handset::captured_by_all);
            objections.push(("nothing made up", oracle::nothing_is_made_up(server, captured)?));
            let captured = self.handsets.iter().flat_map(Handset::captured_by_all);
            objections.push(("no correction lost", oracle::no_correction_is_lost(server, captured)?));
            self.counts.refused = server.query_row("SELECT count(*) FROM dead_letters", [], |row| row.get(0))?;
            self.counts.photos =
                server
                    .query_row("SELECT count(*) FROM photo_files WHERE variant = 'original'", [], |row| row.get(0))?;
        }
        self.object(objections);
        Ok(())
    }
}
