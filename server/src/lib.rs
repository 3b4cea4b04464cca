//! The server: reconciles what phones bring, feeds them what is theirs, and serves the supervisor's console.
//!
//! **Map.** `router` (all routes on one page) → `api` (parse, ask the service, answer) → `service` (what a request
//! means; no HTTP, no SQL) → `store` (SQLite behind traits). `auth` knows who asks. `console` and `import` are the
//! supervisor's doors.
//!
//! **Invariants.** Every command ends exactly once, with a stored answer. Nothing is acknowledged before it is durable.
//! A row reaches a person only through a bucket in that person's scope. No input leads to a 5xx answer or a panic.

pub mod admin;
pub mod api;
pub mod auth;
pub mod blob;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod error;
pub mod import;
pub mod life;
pub mod line;
mod linger;
mod listener;
mod lock;
pub mod router;
pub mod service;
pub mod state;
pub mod store;
pub mod telemetry;

pub use config::Config;
pub use error::{ApiError, StartError};
pub use router::{app, serve, serve_on};
pub use state::AppState;
