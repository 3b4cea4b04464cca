//! Who uses Storewalk.

use serde::{Deserialize, Serialize};

use crate::ids::UserId;

/// What a person may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Visits outlets.
    Rep,
    /// Orders for a dealer.
    Dealer,
    /// Reviews photos, releases orders, watches figures.
    Supervisor,
    /// Keeps master data and accounts.
    Admin,
}

impl Role {
    /// The name used in SQL, JSON and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rep => "rep",
            Self::Dealer => "dealer",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// The role of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Rep, Self::Dealer, Self::Supervisor, Self::Admin].into_iter().find(|role| role.as_str() == name)
    }
}

/// A colleague, as everyone in the organisation may see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Identity; the same as the account's.
    pub id: UserId,
    /// Staff code, such as `R001`.
    pub code: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
}
