//! What must be true, whatever happened: each oracle looks on its own and says what it objects to.

mod ledger;
mod money;
mod photos;
mod profiles;
mod pulls;
mod queue;
mod receipts;
mod scope;

pub use ledger::{nothing_captured_is_hidden, nothing_captured_is_lost, nothing_is_made_up, worked_through_once};
pub use money::within_credit;
pub use photos::{bytes_are_those_announced, no_file_is_nobodys};
pub use profiles::no_correction_is_lost;
pub use pulls::shows_whole_pulls;
pub use queue::{always_a_next_attempt, nothing_is_left_over, waits_are_in_bounds};
pub use receipts::every_command_is_receipted;
pub use scope::{holds_only_its_own, shows_what_the_server_has};
