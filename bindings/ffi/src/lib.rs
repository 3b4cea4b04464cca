//! The door from Kotlin, Swift and Python into the phone's core.
//!
//! **Map.** `storewalk` is the object a shell holds; `runtime` runs the core's work on threads of its own; `error` is
//! the one public error and the only conversion table; `view` are the records that cross.
//!
//! **Invariants.** Nothing is decided here: a method converts, hands on, converts back. Work once begun ends on our own
//! runtime even when the caller stops waiting. Photos cross as paths, ids as text, instants as milliseconds. No field
//! is called `message` and no method `close` or `destroy`: Kotlin's generated classes have these already.
//!
//! **Non-goals.** Comfort. Each platform wraps this by hand in its own idiom.

mod error;
mod runtime;
mod storewalk;
mod view;

pub use error::{CoreError, Details};
pub use storewalk::{Device, Storewalk};
pub use view::{Call, Person, Problem, Recovery, Status, SyncOutcome, Text, Today};

uniffi::setup_scaffolding!();
