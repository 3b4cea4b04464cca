//! The records that cross: plain values, made from the core's views. Those of the domain that cross unchanged are not
//! here: amounts, places, texts in two languages, closed lists of states.

mod attempt;
mod notice;
mod order;
mod outlet;
mod parcel;
mod photo;
mod plan;
mod priced;
mod problem;
mod question;
mod receipt;
mod remark;
mod report;
mod score;
mod session;
mod sync;
mod task;
mod visit;

pub use attempt::{
    Attempt, CaptureAttempt, DraftAttempt, FinishAttempt, IdAttempt, OrderAttempt, ProfileAttempt, StartAttempt,
    SubmitAttempt,
};
pub use notice::{Notice, NoticeKind};
pub use order::{
    Claim, Credit, Draft, DraftHead, DraftLine, FreeGoods, Order, OrderLine, PromiseKept, SubmittedOrder, Suggestion,
};
pub use outlet::{Contender, Correction, Outlet, Profile, ProfileField};
pub use parcel::{Delivery, Packing, Parcel};
pub use photo::{
    AlikePhoto, CapturedPhoto, Photo, PhotoAdvice, PhotoSignal, Retake, SweepReport, UploadProgress, UploadReport,
    Verdict,
};
pub use plan::{Call, CallState, Today};
pub use priced::{Gift, Priced, PricedLine, Rebate, TraceStep};
pub use problem::Problem;
pub(crate) use problem::problems_of;
pub use question::{Answer, Choice, PriceFinding, PriceLight, Question, QuestionKind, QuestionSection, Reason};
pub use receipt::{LedgerEntry, Receipt, ReceiptHealth};
pub use remark::{LateAnswer, LateForm, Remarks};
pub use report::{DayReport, OutletScore};
pub use score::{BlockScore, Miss, Score};
pub use session::{Person, Recovery};
pub use sync::{ScanReport, SyncOutcome, SyncState, SyncStateKind, SyncStatus, Traffic};
pub use task::FieldTask;
pub use visit::{Brief, CheckIn, FinishedVisit, Goal, LastVisit, MustStock, StartedVisit, Step, Summary, Visit, Zone};

/// Each of a list as its record.
fn all<V, T: From<V>>(views: impl IntoIterator<Item = V>) -> Vec<T> {
    views.into_iter().map(T::from).collect()
}

/// Each of a list as text.
fn texts(things: &[impl ToString]) -> Vec<String> {
    things.iter().map(ToString::to_string).collect()
}

/// A thing as text, where there is one.
fn text(thing: Option<impl ToString>) -> Option<String> {
    thing.map(|thing| thing.to_string())
}

/// A share in percent as text: one decimal, always.
fn percent(share: Option<rust_decimal::Decimal>) -> Option<String> {
    share.map(|share| format!("{share:.1}"))
}

/// An instant in milliseconds since 1970 UTC, where there is one.
fn ms(at: Option<storewalk_domain::time::Timestamp>) -> Option<i64> {
    at.map(|at| at.0)
}
