//! People who can sign in, what is theirs, and their devices.

use storewalk_domain::{
    ids::{DealerId, DeviceId, TerritoryId, UserId},
    outlet::Role,
    sync::{Actor, Bucket, scope_buckets},
    time::Timestamp,
};
use storewalk_wire::{DeviceHealth, UserInfo};

use crate::store::StoreError;

/// A person who can sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Identity; the same as the person's row.
    pub user_id: UserId,
    /// Login name, lower case.
    pub login: String,
    /// Password hash as a PHC string.
    pub password_hash: String,
    /// Staff code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The region a supervisor watches.
    pub region_code: Option<String>,
    /// Whether signing in is barred.
    pub is_disabled: bool,
    /// The territories the person works in. A store reads those of a supervisor from the region, as of that moment.
    pub territories: Vec<TerritoryId>,
    /// The dealers the person acts for.
    pub dealers: Vec<DealerId>,
}

impl Account {
    /// The person as the rules see them.
    pub fn actor(&self) -> Actor {
        Actor {
            user_id: self.user_id,
            role: self.role,
            territories: self.territories.clone(),
            dealers: self.dealers.clone(),
        }
    }

    /// The person as the phone shows them.
    pub fn info(&self) -> UserInfo {
        UserInfo { id: self.user_id, code: self.code.clone(), name: self.name.clone(), role: self.role }
    }

    /// The buckets the person may read, most needed first.
    pub fn buckets(&self) -> Vec<Bucket> {
        scope_buckets(self.role, self.user_id, &self.territories, &self.dealers, self.region_code.as_deref())
    }
}

/// An enrolled device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// Identity, minted on the phone.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// Number, counted from 1; heads the order numbers it gives.
    pub number: u32,
    /// What the owner calls it.
    pub name: String,
    /// `android`, `ios`, …
    pub platform: String,
    /// Version of the app.
    pub app_version: String,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it last synced; `None` before the first time.
    pub last_seen_at: Option<Timestamp>,
    /// Whether it may no longer be used.
    pub is_revoked: bool,
    /// What it last told about itself.
    pub health: Option<DeviceHealth>,
}

/// Questions about accounts and devices.
pub trait AccountsRead {
    /// An account by identity.
    fn account(&self, user: UserId) -> Result<Option<Account>, StoreError>;

    /// An account by login name (lower case).
    fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError>;

    /// A device.
    fn device(&self, device: DeviceId) -> Result<Option<Device>, StoreError>;

    /// The number the next device gets.
    fn next_device_number(&self) -> Result<u32, StoreError>;
}

/// Changes to accounts and devices.
pub trait AccountsWrite {
    /// Adds or replaces an account with its territories and dealers.
    fn put_account(&mut self, account: &Account) -> Result<(), StoreError>;

    /// Adds or replaces a device.
    fn put_device(&mut self, device: &Device) -> Result<(), StoreError>;

    /// Notes what a device told about itself, and when.
    fn put_device_health(&mut self, device: DeviceId, at: Timestamp, health: &DeviceHealth) -> Result<(), StoreError>;
}
