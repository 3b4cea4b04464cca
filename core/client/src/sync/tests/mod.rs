//! The sync engine against a server in memory and a network that fails.

mod bulk;
mod clock;
mod converge;
mod handover;
mod heal;
mod network;
mod pull;
mod push;
mod rebase;
mod tokens;
mod window;
