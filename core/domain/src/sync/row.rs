//! Every row that travels between phone and server, as one closed set.

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    catalog::{MustStock, Price, PriceList, Product, Promotion},
    checklist::{Answer, ChecklistTemplate},
    dealer::{Dealer, DealerStock, DeliveryLine, Payment},
    handbook::HandbookEntry,
    ids::{CommandId, DeviceId, RefusalId, RowId, UserId},
    order::Order,
    outlet::{CallPlan, County, Handover, Outlet, Person, ProfileField, Territory},
    photo::{Photo, ShelfPrints, Verdict},
    problem::Problem,
    sync::Scope,
    task::{Alert, Task},
    time::Timestamp,
    visit::Visit,
};

/// A type whose values are rows of one table.
pub trait Entity: Serialize + DeserializeOwned + Clone {
    /// The table.
    const TABLE: Table;

    /// The row's identity.
    fn row_id(&self) -> RowId;

    /// The value as a row of the closed set.
    fn into_row(self) -> Row;

    /// The value inside a row; `None` when the row is of another table.
    fn from_row(row: Row) -> Option<Self>;
}

/// A table name this release does not know.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("recognise the table `{0}`")]
pub struct UnknownTable(pub String);

macro_rules! rows {
    ($($(#[$doc:meta])* $entity:ident in $table:ident = $name:literal),+ $(,)?) => {
        /// The synced tables.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum Table {
            $($(#[$doc])* #[serde(rename = $name)] $table,)+
        }

        impl Table {
            /// Every table, parents before children.
            pub const ALL: &'static [Self] = &[$(Self::$table,)+];

            /// The name in SQL and on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$table => $name,)+ }
            }
        }

        impl std::str::FromStr for Table {
            type Err = UnknownTable;
            fn from_str(name: &str) -> Result<Self, UnknownTable> {
                match name { $($name => Ok(Self::$table),)+ _ => Err(UnknownTable(name.to_owned())) }
            }
        }

        /// A row of any synced table.
        #[derive(Clone, PartialEq, Debug)]
        #[expect(clippy::large_enum_variant, reason = "rows pass by one at a time; boxing would cost an allocation each")]
        pub enum Row {
            $($(#[$doc])* $entity($entity),)+
        }

        impl Row {
            /// Its table.
            pub fn table(&self) -> Table {
                match self { $(Self::$entity(_) => Table::$table,)+ }
            }

            /// Its identity.
            pub fn id(&self) -> RowId {
                match self { $(Self::$entity(entity) => entity.row_id(),)+ }
            }

            /// Its fields as a JSON object.
            ///
            /// # Errors
            /// When a value has no JSON form, such as a float that is not a number.
            pub fn to_json(&self) -> Result<Value, serde_json::Error> {
                match self { $(Self::$entity(entity) => serde_json::to_value(entity),)+ }
            }

            /// Reads the fields of a row of a table; fields this release does not know are passed over.
            ///
            /// # Errors
            /// When a field is missing or of another kind.
            pub fn from_json(table: Table, fields: Value) -> Result<Self, serde_json::Error> {
                match table { $(Table::$table => serde_json::from_value(fields).map(Self::$entity),)+ }
            }

            /// The same from any other form its fields may have.
            ///
            /// # Errors
            /// When a field is missing or of another kind.
            pub fn read<'de, D: Deserializer<'de>>(table: Table, fields: D) -> Result<Self, D::Error> {
                match table { $(Table::$table => $entity::deserialize(fields).map(Self::$entity),)+ }
            }

            /// Whether [`Row::from_json`] could read these fields, from their JSON text.
            pub fn is_readable(table: Table, fields: &str) -> bool {
                match table { $(Table::$table => serde_json::from_str::<$entity>(fields).is_ok(),)+ }
            }
        }

        $(
            impl Entity for $entity {
                const TABLE: Table = Table::$table;
                fn row_id(&self) -> RowId { RowId(self.id.0) }
                fn into_row(self) -> Row { Row::$entity(self) }
                fn from_row(row: Row) -> Option<Self> {
                    match row { Row::$entity(entity) => Some(entity), _ => None }
                }
            }

            impl From<$entity> for Row {
                fn from(entity: $entity) -> Self { Self::$entity(entity) }
            }
        )+
    };
}

rows! {
    /// Counties.
    County in Counties = "counties",
    /// Territories.
    Territory in Territories = "territories",
    /// People who can sign in.
    Person in People = "people",
    /// Products.
    Product in Products = "products",
    /// Must-stock lists.
    MustStock in MustStocks = "must_stocks",
    /// Price list versions.
    PriceList in PriceLists = "price_lists",
    /// Prices.
    Price in Prices = "prices",
    /// Promotions and ladders.
    Promotion in Promotions = "promotions",
    /// Checklist versions.
    ChecklistTemplate in ChecklistTemplates = "checklist_templates",
    /// The field handbook.
    HandbookEntry in HandbookEntries = "handbook_entries",
    /// Outlets.
    Outlet in Outlets = "outlets",
    /// Edited profile fields of outlets.
    ProfileField in ProfileFields = "profile_fields",
    /// Planned calls.
    CallPlan in CallPlans = "call_plans",
    /// Visits.
    Visit in Visits = "visits",
    /// Answers.
    Answer in Answers = "answers",
    /// Photos (their bytes travel apart).
    Photo in Photos = "photos",
    /// Reviewers' decisions.
    Verdict in Verdicts = "verdicts",
    /// Tasks.
    Task in Tasks = "tasks",
    /// Alerts for supervisors.
    Alert in Alerts = "alerts",
    /// Dealers.
    Dealer in Dealers = "dealers",
    /// What dealers hold.
    DealerStock in DealerStocks = "dealer_stocks",
    /// Orders.
    Order in Orders = "orders",
    /// Payments.
    Payment in Payments = "payments",
    /// Delivered and awaited order lines.
    DeliveryLine in DeliveryLines = "delivery_lines",
    /// Commands the server refused.
    Refusal in Refusals = "refusals",
    /// What people may read.
    Scope in Scopes = "scopes",
    /// Outlets and territories that passed from one rep to another.
    Handover in Handovers = "handovers",
    /// What photos looked like, by outlet and day.
    ShelfPrints in ShelfPrints = "shelf_prints",
}

/// A command that the server refused: kept for its author, with the reason, for ever.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// Identity; the same as the command's.
    pub id: RefusalId,
    /// The command.
    pub command_id: CommandId,
    /// Who meant it.
    pub user_id: UserId,
    /// From which device.
    pub device_id: DeviceId,
    /// What kind of command.
    pub kind: String,
    /// Why it was refused.
    pub problems: Vec<Problem>,
    /// When.
    pub refused_at: Timestamp,
    /// The row it would have made, if it was of a kind that makes one.
    #[serde(default)]
    pub subject: Option<RowId>,
    /// What a supervisor made of it; nothing before somebody has looked.
    #[serde(default)]
    pub outcome: Option<RefusalOutcome>,
}

/// What a supervisor made of a refused command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefusalOutcome {
    /// How it was settled.
    pub how: RefusalSettled,
    /// Who decided.
    pub by: UserId,
    /// Why, in that person's words; empty when the command was taken in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// How a refused command was settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalSettled {
    /// Done after all, in its author's name.
    TakenIn,
    /// Left undone for good.
    SetAside,
}

impl RefusalSettled {
    /// The name in logs and texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TakenIn => "taken_in",
            Self::SetAside => "set_aside",
        }
    }
}
