//! The server over HTTP.
//!
//! **Invariants.** An answer counts only if it says `Storewalk-Protocol`: a captive portal's friendly page never looks
//! like a reply. A body that is cut short, garbled or larger than a phone should swallow is "not the server", never
//! half an answer. Redirects are not followed. Tokens and bodies are never logged.
//!
//! **Non-goals.** Retrying: the sync engine and the photo queue decide when.

mod body;
mod http;
mod picture;
mod poke;
mod segment;
#[cfg(test)]
mod tests;
mod traffic;
mod tus;

pub use http::HttpApi;
pub use traffic::Traffic;
