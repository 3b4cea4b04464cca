//! The door from Kotlin, Swift and Python into the phone's core.
//!
//! **Map.** `storewalk` is the object a shell holds, with its life cycle; `noun/` are its parts, one file each, with bodies
//! of a few lines; `value/` are the records that cross. Under them: `core` (what the parts share), `runtime` (threads of
//! our own), `ending` (how they go), `cancel`, `listen` (what has changed), `platform` (what the host owns), `logging`,
//! `keys` (another key, a lost one), `lease` (one opening of a folder), `argument` (what came from outside, checked),
//! `error` (the one public error).
//!
//! **Invariants.** Nothing is decided here: a method converts, hands on, converts back. Work once begun ends on our own
//! runtime even when the caller stops waiting. Photos cross as paths, ids and exact numbers as text, instants as
//! milliseconds. No field is called `message` and no method `close` or `destroy`: Kotlin's generated classes have these
//! already. What crosses unchanged is derived in the domain, behind its feature `ffi`; everything else is a record of ours.
//!
//! **Non-goals.** Comfort. Each platform wraps this by hand in its own idiom.

mod argument;
mod cancel;
mod core;
mod ending;
#[cfg(test)]
mod ending_tests;
mod error;
mod keys;
mod lease;
mod listen;
mod logging;
mod noun;
mod platform;
mod runtime;
mod storewalk;
#[cfg(test)]
mod tests;
mod value;

pub use cancel::CancelToken;
pub use ending::wait_until_ended;
pub use error::{CoreError, Details};
pub use keys::LeftBehind;
pub use listen::{Change, ChangeListener, Life, Subscription, Topic};
pub use logging::{LogLevel, LogSink, set_log_sink};
pub use noun::{
    Checklists, Notices, Orders, Outlets, Parcels, Photos, Plan, Review, ReviewDraft, Session, Sync, Tasks, Visits,
};
pub use platform::{
    Connectivity, FreeSpace, KeyStore, Network, Platform, PlatformError, PositionSource, TransferRequest, Transport,
};
pub use storewalk::{Setup, Storewalk, core_version, money_text};
pub use value::*;

uniffi::setup_scaffolding!();
