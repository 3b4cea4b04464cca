//! Who means it, when, and under which policies.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CommandId, DealerId, TerritoryId, UserId},
    order::PricePolicy,
    outlet::{CreditRule, Role},
    time::Timestamp,
    trusted::{Clocks, TrustedSpan},
};

/// The person behind a command and what is theirs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// Who.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// The territories they work in; a supervisor's are those of their region.
    pub territories: Vec<TerritoryId>,
    /// The dealers they act for.
    pub dealers: Vec<DealerId>,
}

/// Where a decision is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Host {
    /// On the phone, as the person means it, ahead of the server: an estimate.
    Phone,
    /// On the phone again: a command captured earlier, on the rows the server has given since. Still an estimate.
    Rerun,
    /// On the server: final.
    Server {
        /// When the command arrived.
        arrived_at: Timestamp,
    },
}

/// What an organisation may set differently.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Policies {
    /// Which prices count when a list changed between capture and arrival.
    pub price_policy: PricePolicy,
    /// For how many hours a captured price list stands under [`PricePolicy::HonourCaptured`].
    pub honour_hours: u32,
    /// How far above the suggested price a shelf price may be, in percent.
    pub far_above_pct: u32,
    /// From which spread of shelf prices in a county, in percent of the suggested price, supervisors are alerted.
    pub spread_alert_pct: u32,
    /// Days after acceptance by which delivery is promised.
    pub promise_days: u32,
    /// Days a rep has for a retake when the reviewer names no date.
    pub retake_days: u32,
    /// Days a rep has for a task that a visit raised.
    pub task_days: u32,
    /// Days after a new version of a checklist for which visits on the old one arrive without a remark.
    #[serde(default = "form_days")]
    pub form_days: u32,
    /// Who is credited with work that was done after an outlet was handed over and before its maker could know.
    #[serde(default)]
    pub credit_rule: CreditRule,
}

/// The product guide's two weeks.
fn form_days() -> u32 {
    14
}

impl Default for Policies {
    /// The values of the product guide: policy A for 24 hours, 15 %, 20 %, 7 days, 2 days, 7 days, 14 days, rule R1.
    fn default() -> Self {
        Self {
            price_policy: PricePolicy::HonourCaptured,
            honour_hours: 24,
            far_above_pct: 15,
            spread_alert_pct: 20,
            promise_days: 7,
            retake_days: 2,
            task_days: 7,
            form_days: form_days(),
            credit_rule: CreditRule::Maker,
        }
    }
}

/// Everything about a command that is not in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Context {
    /// The command's identity; ids of what follows from it are derived from this.
    pub command_id: CommandId,
    /// Who means it.
    pub actor: Actor,
    /// Best estimate of when it was meant.
    pub captured_at: Timestamp,
    /// Between which instants it was meant, whatever the device's clock says.
    pub span: TrustedSpan,
    /// What the device's clock said.
    pub device_at: Timestamp,
    /// The number of the device, which heads the order numbers it may give; `None` for the console.
    pub device_number: Option<u32>,
    /// Where the decision is made.
    pub host: Host,
    /// The organisation's settings.
    pub policies: Policies,
}

impl Context {
    /// The time a decision of this command carries: arrival on the server, capture on the phone.
    pub fn decided_at(&self) -> Timestamp {
        match self.host {
            Host::Phone | Host::Rerun => self.captured_at,
            Host::Server { arrived_at } => arrived_at,
        }
    }

    /// Both clocks, to be kept with what was captured.
    pub fn clocks(&self) -> Clocks {
        Clocks { device_at: self.device_at, span: self.span }
    }

    /// Whether the person is still in front of it, and can do otherwise when this is refused.
    ///
    /// What arrives at the server, or runs again on newer rows, was done before: an observation is then not refused for
    /// what the person could not know when they made it.
    pub fn is_being_captured(&self) -> bool {
        self.host == Host::Phone
    }

    /// Whether the actor works in a territory.
    pub fn works_in(&self, territory: TerritoryId) -> bool {
        self.actor.territories.contains(&territory)
    }

    /// Whether the actor acts for a dealer.
    pub fn acts_for(&self, dealer: DealerId) -> bool {
        self.actor.dealers.contains(&dealer)
    }
}
