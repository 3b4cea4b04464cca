//! The sync engine against a server in memory and a network that fails.

mod bulk;
mod clock;
mod converge;
mod heal;
mod pull;
mod push;
mod rebase;
mod tokens;
