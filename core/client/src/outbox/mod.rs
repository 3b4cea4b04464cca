//! The queue of commands on their way to the server.
//!
//! **States of a command.** `pending` → `acked` (the server has worked through it *and* its effects are published
//! here). A verdict may be known before that: a command with one is no longer unsent, also where its rows cannot be had,
//! because the app is too old for them. If the server's acknowledgement goes backwards, `acked` → `pending`.
//!
//! **Invariants.** Numbers are dense and never used twice. A command is written in the same transaction as its local
//! effect. No command is ever removed before 30 days after its
//! acknowledgement, nor without its answer, nor, once the server signs, without its receipt. Whatever is pending also stands in
//! the mirror file.

mod mirror;
mod numbers;
mod rows;
mod touched;

pub(crate) use mirror::{Mirror, MirrorHead, MirrorLine, head_of, read_lines};
pub(crate) use numbers::{
    close_gaps, doubt_numbers, fill_gaps, last_answered, lift_unanswered, note_sent, renumber, take_back,
};
pub(crate) use rows::{
    Pending, Stored, acknowledge, append, insert_recovered, mend, note_worked_through, oldest_unsent, pending_after,
    pending_count, prune, save_verdict, scan_pending, set_local_problem, to_send, unsent_count,
};
pub(crate) use touched::{forget_touched, forget_touched_by, is_touched, note_touched};
