//! What goes wrong in a step.

use super::{
    disk::Harm,
    handset::{Person, SyncEnd, unpoisoned},
    link::Weather,
    office,
    run::Run,
    script,
    skew::Skew,
    weather::{DAY, draw_clock, draw_line},
};
use crate::simulation::oracle;

impl Run {
    /// Lets things go wrong for a phone, its line, its clock and the server.
    pub(super) fn trouble(&mut self, chosen: usize) -> anyhow::Result<()> {
        let climate = self.climate;
        if self.rng.rarely(climate.line_changes) {
            let weather = draw_line(&mut self.rng, &mut self.chaos, &climate);
            self.trace.note(&self.handsets[chosen].name, &format!("line: {weather:?}"));
            self.handsets[chosen].link.set_weather(weather);
        }
        if self.rng.rarely(climate.clock_jumps) {
            self.turn_clock(chosen);
        }
        if self.rng.rarely(climate.phone_kills) {
            self.kill_phone(chosen)?;
        }
        if self.chaos.rarely(climate.torn_writes) {
            self.tear_phone(chosen)?;
        }
        if self.chaos.rarely(climate.scope_changes) {
            office::act(&self.server, &mut self.chaos, &self.trace);
        }
        if self.chaos.rarely(climate.absences) {
            self.absence(chosen)?;
        }
        if self.chaos.rarely(climate.copies) && self.handsets.len() < 5 {
            self.copy_phone(chosen)?;
        }
        if climate.skews > 0 && self.chaos.rarely(10) {
            self.trace.note(&self.handsets[chosen].name, "updated");
            self.handsets[chosen].link.set_skew(Skew::None);
        }
        if climate.restores > 0 {
            self.back_up_or_restore()?;
        }
        if self.chaos.rarely(climate.spoilt_rows) {
            self.handsets[chosen].spoil(&mut self.chaos)?;
        }
        if self.chaos.rarely(climate.damaged_segments) {
            self.server.damage_segment(&mut self.chaos, &self.trace)?;
        }
        if climate.bulk_rows > 0 && self.chaos.rarely(20) {
            self.server.tidy();
        }
        if self.chaos.rarely(climate.errands) && self.handsets.len() > 1 {
            self.send_on_an_errand(chosen);
        }
        if self.chaos.rarely(climate.changes_of_hands) {
            self.change_hands(chosen)?;
        }
        if climate.full_disks > 0 {
            self.fill_or_free(chosen);
        }
        self.trouble_server()
    }

    /// Somebody packs what is unsent, and a colleague carries it; now and then two do.
    fn send_on_an_errand(&mut self, chosen: usize) {
        self.counts.errands += 1;
        let parcels = self.handsets[chosen].pack(self.counts.errands);
        for _ in 0..=self.chaos.below(2) {
            let carrier = (chosen + 1 + self.chaos.index(self.handsets.len() - 1)) % self.handsets.len();
            self.handsets[carrier].give(parcels.clone());
        }
    }

    /// Somebody else of the same trade takes the phone; what is unsent stays on it, parked.
    fn change_hands(&mut self, chosen: usize) -> anyhow::Result<()> {
        const REPS: [&str; 2] = ["liwen", "wangqiang"];
        let handset = &self.handsets[chosen];
        if handset.phone().session()?.is_none() {
            return Ok(());
        }
        let Some(other) = REPS.into_iter().find(|login| *login != handset.account.login) else { return Ok(()) };
        if !REPS.contains(&handset.account.login) {
            return Ok(());
        }
        if !handset.is_parked(other) {
            let parts = self.parts(other, self.handsets.len())?;
            self.handsets[chosen].add_person(Person::new(parts.account, parts.observer));
        }
        self.handsets[chosen].change_hands(0)?;
        Ok(())
    }

    /// A phone's disk fills up, or has room again.
    fn fill_or_free(&mut self, chosen: usize) {
        let handset = &self.handsets[chosen];
        if handset.disk.is_full() {
            if self.chaos.chance(25) {
                self.trace.note(&handset.name, "has room again");
                handset.disk.free();
            }
        } else if self.chaos.rarely(self.climate.full_disks) {
            self.trace.note(&handset.name, "has no room left");
            handset.disk.fill(self.chaos.fork(self.chaos.clone().next()));
        }
    }

    /// A phone's folder, as it is, becomes another phone of the same person.
    fn copy_phone(&mut self, chosen: usize) -> anyhow::Result<()> {
        let parts = self.parts(self.handsets[chosen].account.login, self.handsets.len())?;
        self.trace.note(&self.handsets[chosen].name, &format!("copied to {}", parts.name));
        let copy = self.handsets[chosen].copy(parts)?;
        for handset in [&self.handsets[chosen], &copy] {
            handset.observer.expect_parting();
        }
        self.handsets.push(copy);
        Ok(())
    }

    /// Now and then somebody makes a backup, and now and then somebody needs it.
    fn back_up_or_restore(&mut self) -> anyhow::Result<()> {
        if !self.server.is_up() || self.server.has_ended() {
            return Ok(());
        }
        let now = self.time.now();
        if self.chaos.rarely(40) {
            self.backups.push((now, self.server.back_up()?));
        }
        // What phones keep of what is done, they keep for a month.
        self.backups.retain(|(made, _)| now - made < 25 * DAY);
        if !self.chaos.rarely(self.climate.restores) || self.backups.is_empty() {
            return Ok(());
        }
        let place = self.chaos.index(self.backups.len());
        let (made, backup) = self.backups[place].clone();
        self.backups.truncate(place);
        let is_told = self.chaos.chance(50);
        self.trace.note("server", &format!("put back to {made}, told {is_told}"));
        self.kill_server()?;
        self.server.put_back(backup, is_told)?;
        unpoisoned(&self.verdicts).clear();
        for handset in &self.handsets {
            handset.observer.expect_doubt();
        }
        self.start_server()
    }

    /// A month without a line: the person works on, and meanwhile the office gives a territory away.
    fn absence(&mut self, chosen: usize) -> anyhow::Result<()> {
        let handset = &self.handsets[chosen];
        self.trace.note(&handset.name, "away for a month");
        handset.link.set_weather(Weather { is_mute: true, is_deaf: true, ..Weather::default() });
        for _ in 0..6 {
            self.executor.run_until(self.time.now().saturating_add(self.chaos.between(3, 6) * DAY));
            for _ in 0..self.chaos.below(4) {
                script::act(&mut self.handsets[chosen], &mut self.chaos, &self.photos)?;
            }
            if self.chaos.chance(50) {
                office::act(&self.server, &mut self.chaos, &self.trace);
            }
        }
        let weather = draw_line(&mut self.rng, &mut self.chaos, &self.climate);
        self.handsets[chosen].link.set_weather(weather);
        Ok(())
    }

    fn trouble_server(&mut self) -> anyhow::Result<()> {
        if self.server.has_ended() {
            self.trace.note("server", "killed in the middle of a commit");
            self.kill_server()?;
        } else if self.server.is_up() {
            if self.rng.rarely(self.climate.server_kills) {
                if self.chaos.chance(self.climate.torn_commits) {
                    self.server.plan_end(true);
                } else {
                    self.trace.note("server", "killed");
                    self.kill_server()?;
                }
            }
        } else if self.rng.chance(40) {
            self.trace.note("server", "started");
            self.start_server()?;
        }
        Ok(())
    }

    fn turn_clock(&mut self, chosen: usize) {
        let handset = &self.handsets[chosen];
        if self.rng.chance(40) {
            self.trace.note(&handset.name, "rebooted");
            handset.clock.reboot();
        }
        let ahead = draw_clock(&mut self.rng);
        self.trace.note(&handset.name, &format!("clock set {ahead} ms ahead"));
        handset.clock.set_ahead(ahead);
    }

    /// What a kill does to the files. Only one copy of the queue is ever harmed: a phone that loses both has lost.
    fn draw_harm(&mut self) -> Harm {
        let is_torn = self.rng.rarely(self.climate.torn_mirrors);
        let cut = self.rng.below(400);
        if !self.chaos.rarely(self.climate.damaged_files) {
            return if is_torn { Harm::MirrorCut(cut) } else { Harm::None };
        }
        match self.chaos.below(4) {
            0 => Harm::LogCut(1 + self.chaos.below(60_000)),
            1 => Harm::Rot(1 + self.chaos.below(200)),
            2 => Harm::FileCut(1 + self.chaos.below(300_000)),
            _ => Harm::FileLost,
        }
    }

    fn kill_phone(&mut self, chosen: usize) -> anyhow::Result<()> {
        self.counts.phone_kills += 1;
        if self.rng.chance(20) {
            let handset = &mut self.handsets[chosen];
            let recovery = handset.restart()?;
            self.trace.note(&handset.name, &format!("closed and opened: {recovery:?}"));
        } else {
            let harm = self.draw_harm();
            let mut rng = self.chaos.fork(self.chaos.clone().next());
            let handset = &mut self.handsets[chosen];
            let recovery = handset.kill(harm, &mut rng)?;
            self.trace.note(&handset.name, &format!("killed with {harm:?} and opened: {recovery:?}"));
        }
        self.look_after_an_end(chosen)
    }

    /// Kills a phone in the middle of writing: while it syncs, or while its person does something.
    fn tear_phone(&mut self, chosen: usize) -> anyhow::Result<()> {
        self.counts.phone_kills += 1;
        let mut rng = self.chaos.fork(self.chaos.clone().next());
        let handset = &mut self.handsets[chosen];
        if self.chaos.chance(50) {
            handset.die_next(rng);
            return Ok(());
        }
        let times = 1 + self.chaos.below(5);
        let told = match handset.sync_and_die(times, &mut rng)? {
            SyncEnd::Killed(recovery) => format!("opened again: {recovery:?}"),
            SyncEnd::Lived => "wrote less often and lived".to_owned(),
        };
        self.trace.note(&handset.name, &told);
        self.look_after_an_end(chosen)
    }

    fn look_after_an_end(&mut self, chosen: usize) -> anyhow::Result<()> {
        let handset = &self.handsets[chosen];
        let lost = oracle::nothing_captured_is_lost(handset)?;
        let hidden = oracle::nothing_captured_is_hidden(handset)?;
        let whole = oracle::shows_whole_pulls(handset)?;
        self.object(vec![("nothing lost", lost), ("nothing hidden", hidden), ("whole pulls", whole)]);
        Ok(())
    }
}
