//! What the console asks of the store beyond single rows.
//!
//! **Invariants.** Every answer is of one snapshot and bounded: a day, a page, a chain. Lists keep to the region they
//! are asked for; `None` means every region. **Non-goals.** Nothing here writes: the console changes things through
//! commands only.

use std::ops::Range;

use storewalk_domain::{
    ids::{DealerId, OutletId, PhotoId, TerritoryId, UserId},
    order::{Order, OrderStatus},
    outlet::{CallPlan, Handover, Outlet},
    photo::{Photo, PhotoStatus, Verdict},
    sync::Refusal,
    task::{Alert, Task},
    time::{BusinessDate, Timestamp, Zone},
    visit::Visit,
};

use crate::store::{Device, StoreError};

/// A day in the field.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Day {
    /// Its visits, skipped ones included.
    pub visits: Vec<Visit>,
    /// Their photos, replaced ones included, by time taken.
    pub photos: Vec<Photo>,
    /// The tasks they raised.
    pub tasks: Vec<Task>,
    /// Every call plan; which of them are due is for the rules to say.
    pub plans: Vec<CallPlan>,
    /// Orders placed on the day, in the zone of the question.
    pub orders: Vec<Order>,
    /// Alerts raised on the day or in the week before it, latest first.
    pub alerts: Vec<Alert>,
}

/// Which photos the wall shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum PhotoState {
    /// Received and without a verdict, oldest first: the reviewer's queue.
    #[default]
    Waiting,
    /// In one state, latest first.
    In(PhotoStatus),
    /// All: what waits first, then the latest.
    All,
}

/// Whether somebody has looked for people in a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CoverState {
    /// It does not matter.
    #[default]
    Any,
    /// Nobody has, and its bytes are here so that somebody can.
    Open,
    /// Somebody has.
    Marked,
}

/// Whose eyes a list is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AtDesk {
    /// Who looks.
    pub user: UserId,
    /// When, for claims that lapse.
    pub now: Timestamp,
    /// Only photos that this person has claimed; otherwise those that nobody else has.
    pub is_own_only: bool,
}

/// A choice of photos.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PhotoFilter {
    /// Only of this region.
    pub region: Option<String>,
    /// State.
    pub state: PhotoState,
    /// Only taken by this person.
    pub rep: Option<UserId>,
    /// Only of this outlet.
    pub outlet: Option<OutletId>,
    /// Only of this part of the outlet.
    pub zone: Option<String>,
    /// Only taken in this span of time.
    pub taken: Option<Range<Timestamp>>,
    /// Only what this person may work on; `None`: whoever has claimed it.
    pub desk: Option<AtDesk>,
    /// Without photos whose verdict this person must not know before a second look.
    pub blind_for: Option<UserId>,
    /// Only with signals.
    pub has_signals: bool,
    /// Only those in which somebody has, or has not, looked for people.
    pub cover: CoverState,
}

/// A part of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slice {
    /// How many to pass over.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// Where a photo stands on the wall. It stays good when photos come, are judged or go: what is asked for is what comes
/// before or after it now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WallPlace {
    /// Whether the photo waited for a verdict when it was shown; on the wall of all photos those come first.
    pub waits: bool,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The photo.
    pub id: PhotoId,
}

impl WallPlace {
    /// The place of a photo.
    pub fn of(photo: &Photo) -> Self {
        let waits = photo.status == PhotoStatus::Received && photo.replaced_by.is_none();
        Self { waits, taken_at: photo.taken_at, id: photo.id }
    }
}

/// Where a part of the wall begins or ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WallEdge {
    /// It begins with the first photo.
    #[default]
    Start,
    /// It begins behind a place.
    After(WallPlace),
    /// It ends before a place.
    Before(WallPlace),
}

/// A part of the photo wall.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WallPart {
    /// The photos, in the wall's order.
    pub photos: Vec<Photo>,
    /// Whether there are others before them.
    pub has_before: bool,
    /// Whether there are others behind them.
    pub has_after: bool,
}

/// Part of a list and how long the whole is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T> {
    /// The part.
    pub items: Vec<T>,
    /// Length of the whole.
    pub total: u32,
}

/// A photo with everything it replaces and is replaced by.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Chain {
    /// From the first photo to the last retake.
    pub photos: Vec<Photo>,
    /// Every verdict about them, oldest first.
    pub verdicts: Vec<Verdict>,
}

/// A choice of orders.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrderFilter {
    /// State.
    pub status: Option<OrderStatus>,
    /// Only of this dealer.
    pub dealer: Option<DealerId>,
}

/// What needs somebody's attention.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Attention {
    /// Refused commands, latest first.
    pub refusals: Vec<Refusal>,
    /// Every device, the longest unheard first.
    pub devices: Vec<Device>,
}

/// Who works where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posting {
    /// The person.
    pub user_id: UserId,
    /// A territory of theirs.
    pub territory_id: TerritoryId,
}

/// The console's questions.
pub trait ConsoleRead {
    /// A day in the field.
    ///
    /// # Errors
    /// When the database fails.
    fn day(&self, region: Option<&str>, date: BusinessDate, zone: Zone) -> Result<Day, StoreError>;

    /// Who works where, by person.
    ///
    /// # Errors
    /// When the database fails.
    fn postings(&self, region: Option<&str>) -> Result<Vec<Posting>, StoreError>;

    /// A part of the photo wall: what waits oldest first, everything else newest first; on the wall of all photos, those
    /// that wait come before all others.
    ///
    /// # Errors
    /// When the database fails.
    fn wall(&self, filter: &PhotoFilter, edge: WallEdge, limit: u32) -> Result<WallPart, StoreError>;

    /// The first photos of a wall by their ids alone, in its order.
    ///
    /// # Errors
    /// When the database fails.
    fn wall_ids(&self, filter: &PhotoFilter, limit: u32) -> Result<Vec<PhotoId>, StoreError>;

    /// How many photos a filter chooses.
    ///
    /// # Errors
    /// When the database fails.
    fn photo_count(&self, filter: &PhotoFilter) -> Result<u32, StoreError>;

    /// How many photos wait for a verdict.
    ///
    /// # Errors
    /// When the database fails.
    fn waiting_count(&self, region: Option<&str>) -> Result<u32, StoreError>;

    /// The photos next to one in the reviewer's queue: the one before it and the one after it. The queue is a ring, so
    /// that nobody is told "done" while something waits.
    ///
    /// # Errors
    /// When the database fails.
    fn beside_in_queue(&self, filter: &PhotoFilter, photo: &Photo) -> Result<[Option<PhotoId>; 2], StoreError>;

    /// Everything a photo replaces and is replaced by.
    ///
    /// # Errors
    /// When the database fails.
    fn chain(&self, photo: PhotoId) -> Result<Chain, StoreError>;

    /// The outlet of a code.
    ///
    /// # Errors
    /// When the database fails.
    fn outlet_by_code(&self, code: &str) -> Result<Option<OutletId>, StoreError>;

    /// Part of the list of orders: what waits first, then the latest.
    ///
    /// # Errors
    /// When the database fails.
    fn orders(&self, filter: &OrderFilter, slice: Slice) -> Result<Page<Order>, StoreError>;

    /// Outlets and territories that changed hands, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    fn handovers(&self, region: Option<&str>, slice: Slice) -> Result<Vec<Handover>, StoreError>;

    /// The outlets of a region.
    ///
    /// # Errors
    /// When the database fails.
    fn outlets(&self, region: Option<&str>) -> Result<Vec<Outlet>, StoreError>;

    /// The closed visits of the last day on which each outlet was visited.
    ///
    /// # Errors
    /// When the database fails.
    fn last_visits(&self, region: Option<&str>) -> Result<Vec<Visit>, StoreError>;

    /// What needs somebody's attention.
    ///
    /// # Errors
    /// When the database fails.
    fn attention(&self, region: Option<&str>) -> Result<Attention, StoreError>;
}
