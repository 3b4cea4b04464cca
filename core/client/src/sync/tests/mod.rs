//! The sync engine against a server in memory and a network that fails.

mod clock;
mod converge;
mod pull;
mod push;
mod rebase;
mod tokens;
