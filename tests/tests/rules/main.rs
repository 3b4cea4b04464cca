//! The rules of this repository that no compiler checks: what may depend on what, how long a file may be, what the top
//! level shows, what the documents promise. `cargo xtask rules` runs these alone.
//!
//! Each failure names the place and what to do about it. Words that the rules forbid are written here in two halves,
//! so that this folder obeys them too.

mod contract;
mod data;
mod dependencies;
mod documents;
mod layout;
mod modes;
mod plants;
mod repository;
mod source;
