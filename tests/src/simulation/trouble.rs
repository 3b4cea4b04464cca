//! What goes wrong in a step.

use super::{
    run::Run,
    weather::{draw_clock, draw_line},
};
use crate::simulation::oracle;

impl Run {
    /// Lets things go wrong for a phone, its line, its clock and the server.
    pub(super) fn trouble(&mut self, chosen: usize) -> anyhow::Result<()> {
        let climate = self.climate;
        if self.rng.rarely(climate.line_changes) {
            let weather = draw_line(&mut self.rng, &climate);
            self.trace.note(&self.handsets[chosen].name, &format!("line: {weather:?}"));
            self.handsets[chosen].link.set_weather(weather);
        }
        if self.rng.rarely(climate.clock_jumps) {
            self.turn_clock(chosen);
        }
        if self.rng.rarely(climate.phone_kills) {
            self.kill_phone(chosen)?;
        }
        if self.server.is_up() {
            if self.rng.rarely(climate.server_kills) {
                self.trace.note("server", "killed");
                self.kill_server()?;
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

    fn kill_phone(&mut self, chosen: usize) -> anyhow::Result<()> {
        self.counts.phone_kills += 1;
        let handset = &mut self.handsets[chosen];
        if self.rng.chance(20) {
            let recovery = handset.restart()?;
            self.trace.note(&handset.name, &format!("closed and opened: {recovery:?}"));
        } else {
            let is_torn = self.rng.rarely(self.climate.torn_mirrors);
            let cut = self.rng.below(400);
            let recovery = handset.kill(|kept| {
                if let Some(mirror) = kept.bytes_of("outbox.mirror").filter(|_| is_torn) {
                    let left = mirror.len().saturating_sub(usize::try_from(cut).unwrap_or(0));
                    mirror.truncate(left);
                }
            })?;
            self.trace.note(&handset.name, &format!("killed and opened: {recovery:?}"));
        }
        let handset = &self.handsets[chosen];
        let lost = oracle::nothing_captured_is_lost(handset)?;
        let hidden = oracle::nothing_captured_is_hidden(handset)?;
        self.object(vec![("nothing lost", lost), ("nothing hidden", hidden)]);
        Ok(())
    }
}
