//! The queue of commands on their way to the server.
//!
//! **States of a command.** `pending` → `acked` (the server has worked through it *and* its effects are published
//! here). A verdict may be known before that. If the server's acknowledgement goes backwards, `acked` → `pending`.
//!
//! **Invariants.** Numbers are dense and never used twice. A command is written in the same transaction as its local
//! effect. No command is ever removed before 30 days after its acknowledgement. Whatever is pending also stands in
//! the mirror file.

mod mirror;
mod rows;
mod touched;

pub(crate) use mirror::{Mirror, MirrorHead, MirrorLine, head_of, read_lines};
pub(crate) use rows::{
    Pending, Stored, acknowledge, append, doubt_numbers, fill_gaps, insert_recovered, mend, note_sent, oldest_pending,
    pending_after, pending_count, prune, renumber, save_verdict, scan_pending, set_local_problem, take_back, to_send,
};
pub(crate) use touched::{forget_touched, forget_touched_by, is_touched, note_touched};
