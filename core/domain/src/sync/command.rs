//! Everything a person can intend, as one closed set.
//!
//! A command is an intent, not a row difference: it says "check out", and the rules work out what follows. Its kind
//! and the names of its fields are frozen once released; new fields are optional.

use serde::{Deserialize, Serialize};

use crate::{
    checklist::AnswerValue,
    geo::Fix,
    ids::{
        CallPlanId, DealerId, OrderId, OutletId, PaymentId, PhotoId, PriceListId, TaskId, TemplateId, TerritoryId,
        UserId, VerdictId, VisitId,
    },
    money::Money,
    order::{LineRequest, PricedOrder},
    outlet::FieldName,
    photo::{Pin, Seen, SignalKind, VerdictDecision},
    time::BusinessDate,
};

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident = $kind:literal),+ $(,)?) => {
        /// One intent of one person.
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "args")]
        pub enum Command {
            $($(#[$doc])* #[serde(rename = $kind)] $name($name),)+
        }

        impl Command {
            /// Every kind this release knows.
            pub const KINDS: &'static [&'static str] = &[$($kind),+];

            /// The kind's stable name.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)+ }
            }

            /// Reads the arguments of a kind, as JSON text; `None` for a kind this release does not know.
            ///
            /// # Errors
            /// When an argument is missing or of another kind.
            pub(crate) fn read(kind: &str, args: &str) -> Option<Result<Self, serde_json::Error>> {
                match kind { $($kind => Some(serde_json::from_str(args).map(Self::$name)),)+ _ => None }
            }
        }

        $(impl From<$name> for Command {
            fn from(args: $name) -> Self { Self::$name(args) }
        })+
    };
}

commands! {
    /// The rep arrives at an outlet.
    StartVisit = "visit.start",
    /// The rep chooses the goals of the visit, or changes the choice.
    ChooseGoals = "visit.choose_goals",
    /// The rep begins a step.
    BeginStep = "visit.begin_step",
    /// The rep answers a question, or answers it anew.
    RecordAnswer = "visit.answer",
    /// The rep says at step 11 which goals were reached.
    AssessGoals = "visit.assess_goals",
    /// The rep leaves the outlet.
    FinishVisit = "visit.finish",
    /// The rep leaves out a planned call.
    SkipCall = "visit.skip",
    /// The rep took a photo.
    AttachPhoto = "photo.attach",
    /// Whoever took a photo says something about one of its signals.
    AnswerSignal = "photo.answer",
    /// A reviewer decides about a photo.
    ReviewPhoto = "photo.review",
    /// Somebody raises a task.
    RaiseTask = "task.raise",
    /// The owner closes a task by word.
    CloseTask = "task.close",
    /// A supervisor moves an outlet to another territory.
    ReassignOutlet = "outlet.reassign",
    /// A supervisor gives a territory to another rep.
    ReassignTerritory = "territory.reassign",
    /// An order is placed.
    SubmitOrder = "order.submit",
    /// An order is called off.
    CancelOrder = "order.cancel",
    /// The dealer accepts another price.
    ConfirmOrder = "order.confirm",
    /// The dealer claims the price protection that was offered, or lets it go.
    AnswerClaim = "order.answer_claim",
    /// Money was received.
    RecordPayment = "payment.record",
    /// The profile of an outlet is corrected, field by field.
    EditOutlet = "outlet.edit",
    /// A supervisor decides which value of a contested field counts.
    SettleConflict = "outlet.settle_conflict",
    /// A person decides which of several visits to one call counts.
    SettleDuplicate = "visit.settle_duplicate",
}

/// Arguments of `visit.start`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StartVisit {
    /// The new visit.
    pub visit_id: VisitId,
    /// Where.
    pub outlet_id: OutletId,
    /// The plan it fulfils, if any.
    pub plan_id: Option<CallPlanId>,
    /// The checklist version to use.
    pub template_id: TemplateId,
    /// The satellite fix; `None` when there was none.
    pub fix: Option<Fix>,
}

/// Arguments of `visit.choose_goals`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChooseGoals {
    /// The visit.
    pub visit_id: VisitId,
    /// Handbook codes, one to three.
    pub goals: Vec<String>,
}

/// Arguments of `visit.begin_step`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BeginStep {
    /// The visit.
    pub visit_id: VisitId,
    /// 1 to 11.
    pub step: u8,
}

/// Arguments of `visit.answer`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordAnswer {
    /// The visit.
    pub visit_id: VisitId,
    /// Item code.
    pub item: String,
    /// Instance of a repeated item; empty for an item asked once.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instance: String,
    /// What was answered.
    pub value: AnswerValue,
    /// The reason behind a "no", by handbook code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Arguments of `visit.assess_goals`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AssessGoals {
    /// The visit.
    pub visit_id: VisitId,
    /// Handbook codes of the goals that were reached.
    pub attained: Vec<String>,
}

/// Arguments of `visit.finish`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FinishVisit {
    /// The visit.
    pub visit_id: VisitId,
    /// The satellite fix; `None` when there was none.
    pub fix: Option<Fix>,
}

/// Arguments of `visit.skip`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SkipCall {
    /// The row that records it.
    pub visit_id: VisitId,
    /// Where.
    pub outlet_id: OutletId,
    /// The plan.
    pub plan_id: CallPlanId,
    /// Why, by handbook code.
    pub reason: String,
}

/// Arguments of `photo.attach`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttachPhoto {
    /// The new photo.
    pub photo_id: PhotoId,
    /// The visit.
    pub visit_id: VisitId,
    /// Which part of the outlet, by handbook code.
    pub zone: String,
    /// SHA-256 of the original bytes; lower-case hex.
    pub sha256: String,
    /// Length of the original in bytes.
    pub size_bytes: u64,
    /// Width in pixels as displayed.
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
    /// The photo this one replaces: rejected, or taken a moment ago in the same visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<PhotoId>,
    /// What the phone saw in it; `None` from older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// Arguments of `photo.answer`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AnswerSignal {
    /// The photo.
    pub photo_id: PhotoId,
    /// Which of its signals.
    pub signal: SignalKind,
    /// What there is to say about it, in the person's own words.
    pub text: String,
}

/// Arguments of `photo.review`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReviewPhoto {
    /// The new verdict.
    pub verdict_id: VerdictId,
    /// The photo.
    pub photo_id: PhotoId,
    /// The decision.
    pub decision: VerdictDecision,
    /// Why, by handbook code; needed for a rejection.
    pub reason: Option<String>,
    /// A word to the rep.
    pub note: String,
    /// Where on the picture.
    pub pin: Option<Pin>,
    /// A photo that shows how it should look.
    pub reference_photo_id: Option<PhotoId>,
    /// By when the retake is due; two days later when a rejection names none.
    pub due_on: Option<BusinessDate>,
}

/// Arguments of `task.raise`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RaiseTask {
    /// The new task.
    pub task_id: TaskId,
    /// Where.
    pub outlet_id: OutletId,
    /// The visit it comes from, if any.
    pub visit_id: Option<VisitId>,
    /// What is to be done.
    pub note: String,
    /// By when.
    pub due_on: BusinessDate,
}

/// Arguments of `task.close`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CloseTask {
    /// The task.
    pub task_id: TaskId,
}

/// Arguments of `outlet.reassign`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReassignOutlet {
    /// The outlet.
    pub outlet_id: OutletId,
    /// The territory it goes to.
    pub territory_id: TerritoryId,
    /// Why; both reps read it.
    pub reason: String,
}

/// Arguments of `territory.reassign`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReassignTerritory {
    /// The territory.
    pub territory_id: TerritoryId,
    /// The rep who gives it up; `None`: everybody who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_user_id: Option<UserId>,
    /// The rep who takes it over.
    pub to_user_id: UserId,
    /// Why; both reps read it.
    pub reason: String,
}

/// Arguments of `order.submit`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubmitOrder {
    /// The new order.
    pub order_id: OrderId,
    /// Its number, from the device's own block.
    pub number: String,
    /// Who is billed.
    pub dealer_id: DealerId,
    /// The outlet it was taken in, if any.
    pub outlet_id: Option<OutletId>,
    /// The price list it was priced on.
    pub price_list_id: PriceListId,
    /// Lines.
    pub lines: Vec<LineRequest>,
    /// The breakdown the person saw and agreed to.
    pub priced: PricedOrder,
}

/// Arguments of `order.cancel`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CancelOrder {
    /// The order.
    pub order_id: OrderId,
}

/// Arguments of `order.confirm`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConfirmOrder {
    /// The order.
    pub order_id: OrderId,
    /// The amount the dealer agrees to; another amount is refused.
    pub payable: Money,
}

/// Arguments of `payment.record`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordPayment {
    /// The new payment.
    pub payment_id: PaymentId,
    /// The dealer.
    pub dealer_id: DealerId,
    /// How much; above zero.
    pub amount: Money,
    /// Number on the payment slip.
    pub slip: String,
}

/// Arguments of `order.answer_claim`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AnswerClaim {
    /// The order.
    pub order_id: OrderId,
    /// The amount that was offered; another amount is refused.
    pub amount: Money,
    /// Whether it is claimed.
    pub is_claimed: bool,
}

/// Arguments of `outlet.edit`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EditOutlet {
    /// The outlet.
    pub outlet_id: OutletId,
    /// What is corrected, each field once.
    pub changes: Vec<FieldChange>,
}

/// One correction of a profile field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field.
    pub field: FieldName,
    /// The value the person saw, as text; empty for none.
    pub from: String,
    /// The value the person gave, as text; empty for none.
    pub to: String,
}

/// Arguments of `outlet.settle_conflict`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SettleConflict {
    /// The outlet.
    pub outlet_id: OutletId,
    /// The field.
    pub field: FieldName,
    /// The value that counts from now on, as text; empty for none.
    pub value: String,
}

/// Arguments of `visit.settle_duplicate`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SettleDuplicate {
    /// The visit that counts; the others to the same call are its duplicates.
    pub keep: VisitId,
}
