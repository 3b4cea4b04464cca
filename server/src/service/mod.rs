//! What requests mean: no HTTP, no SQL text.

mod body_hash;
pub mod changes;
pub mod courier;
mod execute;
mod judge;
pub mod photo;
pub mod pull;
pub mod reconcile;

pub use execute::execute;
