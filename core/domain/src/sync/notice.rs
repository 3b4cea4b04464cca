//! Whether somebody could know that something is no longer theirs.
//!
//! **Why.** A rep works offline; meanwhile a supervisor gives the outlet to a colleague. What the rep did before their
//! phone could know is honest work and is taken in; what was done after is not theirs to do. Clocks do not decide it:
//! they differ, jump and lie. What a phone had *seen* decides: every command carries how far it had read each bucket.

use crate::ids::{DealerId, OutletId};

/// What is, or was, somebody's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theirs {
    /// An outlet, through its territory.
    Outlet(OutletId),
    /// A dealer.
    Dealer(DealerId),
}

/// What the sender of a command could know of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// It never was theirs, or nothing proves that it was.
    Never,
    /// It was theirs as far as their phone had seen; it left later.
    Unaware,
    /// It was theirs, and their phone had seen it leave.
    Aware,
    /// A supervisor takes the work in, whatever the sender knew.
    TakenIn,
}
