//! Identities. Every id is a UUID, minted where the thing is made (on the phone: version 7, time-ordered), never
//! reused, written in lower case on the wire and as 16 bytes in SQL.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The identity of a row of any table; what the feed and the outbox speak of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowId(pub Uuid);

impl RowId {
    /// The 16 bytes stored in SQL.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl std::fmt::Display for RowId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Where new ids come from. Production mints UUIDv7; tests and the simulator inject a seeded source.
pub trait IdSource: Send + Sync {
    /// A fresh id, never handed out before.
    fn next_id(&self) -> Uuid;
}

/// Names an id after what it is made from, so that phone and server derive the same id for the same effect.
///
/// UUIDv5 (RFC 9562, section 5.5) over `parent` as the namespace and `name` as the name.
pub fn derived(parent: Uuid, name: &str) -> Uuid {
    Uuid::new_v5(&parent, name.as_bytes())
}

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The same identity, as the feed and SQL know it.
            pub fn row(self) -> RowId {
                RowId(self.0)
            }

            /// The id of something that follows from `parent` and is told apart by `name`.
            pub fn derived(parent: Uuid, name: &str) -> Self {
                Self(derived(parent, name))
            }
        }

        impl From<RowId> for $name {
            fn from(id: RowId) -> Self {
                Self(id.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

id_types! {
    /// One intent of one person; the idempotency key of everything it causes.
    CommandId,
    /// One installation of the app, enrolled with the server.
    DeviceId,
    /// A person who can sign in.
    UserId,
    /// A shop (the field says store; here "store" means storage).
    OutletId,
    /// A county (区县): the level at which depth is counted and shelf prices are compared.
    CountyId,
    /// The outlets one rep is responsible for.
    TerritoryId,
    /// An edited profile field of an outlet.
    ProfileFieldId,
    /// A recurring call at an outlet.
    CallPlanId,
    /// A product (SKU).
    ProductId,
    /// A line of the must-stock list.
    MustStockId,
    /// One immutable version of a price list.
    PriceListId,
    /// One product's price on one price list.
    PriceId,
    /// A trade promotion or rebate ladder.
    PromotionId,
    /// One immutable version of a checklist.
    TemplateId,
    /// An entry of the field handbook.
    HandbookEntryId,
    /// One call at an outlet.
    VisitId,
    /// The answer to one checklist item of one visit.
    AnswerId,
    /// One photograph.
    PhotoId,
    /// One decision of a reviewer about one photo.
    VerdictId,
    /// Something somebody has to do by a date.
    TaskId,
    /// Something a supervisor should look at.
    AlertId,
    /// A business partner that orders.
    DealerId,
    /// One order.
    OrderId,
    /// Money received from a dealer.
    PaymentId,
    /// What a dealer holds of one product.
    DealerStockId,
    /// One delivered (or awaited) order line, as the delivery promise counts it.
    DeliveryLineId,
    /// A command that the server refused, kept for its author.
    RefusalId,
    /// What a person may read, as one versioned document; the same as the person's.
    ScopeId,
    /// An outlet or a territory that passed from one rep to another.
    HandoverId,
    /// What the photos of an outlet looked like on a day.
    ShelfPrintsId,
}
