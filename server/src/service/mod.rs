//! What requests mean: no HTTP, no SQL text.

mod body_hash;
pub mod changes;
pub mod courier;
pub mod dead_letter;
mod execute;
pub mod heal;
mod judge;
pub mod photo;
pub mod pokes;
pub mod pull;
pub mod receipt;
pub mod reconcile;
pub mod segments;
pub mod standing;
pub mod upkeep;

pub use execute::execute;
