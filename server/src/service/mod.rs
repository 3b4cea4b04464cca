//! What requests mean: no HTTP, no SQL text.

pub mod arrived;
mod body_hash;
pub mod changes;
pub mod courier;
pub mod cover;
pub mod dead_letter;
pub mod dealers;
mod execute;
pub mod export;
pub mod heal;
mod health;
mod judge;
mod notice;
pub mod photo;
pub mod pokes;
pub mod print;
pub mod pull;
pub mod receipt;
pub mod reconcile;
pub mod retention;
pub mod review;
pub(crate) mod scope;
pub mod segments;
pub mod standing;
pub mod upkeep;

pub use execute::execute;
