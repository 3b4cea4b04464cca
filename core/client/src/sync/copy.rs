//! Another installation gives the same numbers: how a run notices, and what it does about it.

use storewalk_wire::{ProblemBody, SyncRequest, SyncResponse};

use super::run::Run;
use crate::{ClientError, Phone, session};

impl Phone {
    /// Whether the server has worked through numbers this phone never sent: another installation gives them too. After
    /// a recovery they are this one's own from before.
    pub(super) fn shows_a_copy(&self, run: &Run, response: &SyncResponse) -> Result<bool, ClientError> {
        if run.must_ask || run.has_doubted {
            return Ok(false);
        }
        Ok(response.acked_seq > self.read(session::sent_seq)?)
    }

    /// Two installations give the same numbers: this one takes an identity of its own, and the run begins again.
    /// Commands from the number `own_from` on were captured here alone and never reached the server. Says whether it
    /// could; an older server gives none.
    pub(super) async fn part_from_copy(&self, run: &mut Run, own_from: u64) -> Result<bool, ClientError> {
        self.show_kept_back(run)?;
        let Some(acked) = self.become_copy(own_from).await? else { return Ok(false) };
        (run.acked, run.must_ask, run.has_doubted) = (acked, false, true);
        Ok(true)
    }
}

/// The first number of a refused request that another command has on the server; those before it were the same there.
/// The highest number there is when the refusal does not say.
pub(super) fn first_clash(request: &SyncRequest, refusal: &ProblemBody) -> u64 {
    let place = refusal.at.strip_prefix("commands[").and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
    place.and_then(|place| request.commands.get(place)).map_or(u64::MAX, |envelope| envelope.seq)
}
