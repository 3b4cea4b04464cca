//! Intents, their effects, and who may see the rows they touch.
//!
//! A person's intent is a [`Command`]. [`decide`] answers it from a [`State`] and a [`Context`] with a [`Decision`]:
//! the [`Change`]s to make, or the problems in the way. The phone makes the changes at once and sends the command; the
//! server decides again and its answer stands.

mod bucket;
mod command;
mod context;
mod decide;
mod decision;
mod guard;
mod kind_words;
mod notice;
mod place;
mod row;
mod scope;
mod state;
mod sum;
mod upcast;

pub use bucket::{Bucket, BucketParseError, buckets_of};
pub use command::*;
pub use context::{Actor, Context, Host, Policies};
pub use decide::decide;
pub use decision::{Change, Decision, Effects, Outcome};
pub(crate) use guard::{
    Footing, Stop, existing, handed_over, require_code, require_outlet, require_role, require_territory,
    require_unused, settle,
};
pub use kind_words::kind_words;
pub use notice::{Notice, Theirs};
pub use row::{Entity, Refusal, RefusalOutcome, RefusalSettled, Row, Table, UnknownTable};
pub(crate) use scope::ScopeReason;
pub use scope::{Scope, ScopeGrant, ScopeStep, scope_buckets};
pub use state::{Find, MemoryState, State, StateError, StateExt};
pub use sum::{Sum, Total, Totals};
pub use upcast::{Absent, Args, FIRST_SHAPE, LEFT_OUT, Ladder, LeftOut, STEPS, Step, lift, read_command, shape_of};
