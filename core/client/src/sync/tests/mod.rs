//! The sync engine against a server in memory and a network that fails.

mod converge;
mod pull;
mod push;
mod tokens;
