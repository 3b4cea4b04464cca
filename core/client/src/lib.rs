//! The phone's core: everything a phone does without a screen.
//!
//! **Purpose.** [`Phone`] keeps a rep's or dealer's day in SQLite, decides every tap by the shared rules, queues it,
//! and brings phone and server together whenever there is a network. Screens read what is here; there is no second
//! copy of the truth.
//!
//! **Map.** `record` (a tap becomes a command), `outbox/` (the queue and its mirror), `sync/` (push, pull, publish,
//! rebase), `session/` (who), `transport/` (HTTP), `courier/` (another road), `recovery/` (a damaged file), `db/` (one writer, some readers),
//! `vault/` (data at rest under a key);
//! and the use cases by noun: `plan/`, `visits/`, `photos/`, `orders/`, `tasks/`, `attention/`.
//!
//! **Invariants.** Nothing a person captured is ever destroyed or hidden. What the screen shows is the last published
//! pull plus the commands still pending. No transaction is open while the network is awaited. The clock and ids are
//! injected; only `clock.rs` reads the system's.

mod attention;
mod clock;
mod config;
mod courier;
mod db;
mod error;
mod orders;
mod outbox;
mod outlets;
mod phone;
mod photos;
mod plan;
mod receipt;
mod record;
mod recovery;
mod room;
mod session;
mod sync;
mod tasks;
mod text;
mod transport;
mod vault;
mod visits;

pub use attention::{Attempt, Attention, AttentionKind, AttentionView, ProblemView};
pub use clock::{RandomIds, SystemClock};
pub use config::{Config, PhotoCopies};
pub use courier::{CarriedView, Courier, Delivery, Packing};
pub use error::ClientError;
pub use orders::{
    ClaimView, CreditView, DraftHead, DraftLineView, DraftView, OrderLineView, OrderView, Orders, PromiseView,
    SubmitResult, SubmittedOrder, SuggestionView,
};
pub use outlets::{ContenderView, FieldView, Outlets, ProfileView};
pub use phone::{Opened, Phone};
pub use photos::{
    AdviceView, CaptureResult, CapturedPhoto, PhotoView, Photos, RetakeView, Shot, SignalView, SweepReport, Transfer,
    UploadReport, UploadView, VerdictView,
};
pub use plan::{CallState, CallView, Plan, TodayView};
pub use receipt::{LedgerView, ReceiptHealth, ReceiptView};
pub use record::Recorded;
pub use recovery::Recovery;
pub use room::Room;
pub use session::SessionView;
pub use storewalk_sqlite::FaultKind;
pub use sync::{ClockWarning, ErrorView, ScanReport, SyncReport, SyncState, SyncStatus};
pub use tasks::{TaskView, Tasks};
pub use transport::{HttpApi, Traffic};
pub use vault::{HostKey, KEY_BYTES, KeyFault, SetAside, key_generation, set_unreadable_aside};
pub use visits::{
    CheckInView, FinishedVisit, GoalView, LastVisitView, MustStockView, OutletView, PriceFindingView, PriceLight,
    QuestionView, ReasonView, SectionView, StartResult, StartedVisit, StepView, VisitBrief, VisitView, Visits,
    ZoneView,
};
