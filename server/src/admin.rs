//! What an administrator does: accounts and master data.

use secrecy::SecretString;
use storewalk_domain::{
    ids::{DealerId, DeviceId, TerritoryId, UserId},
    outlet::{Person, Role},
    sync::Row,
};

use crate::{
    error::ApiError,
    service::{changes::Moves, scope::follow_account},
    state::AppState,
    store::{Account, Device, StoreError},
};
use storewalk_wire::ErrorCode;

/// A person who is to be able to sign in.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Identity; also of the person's row.
    pub user_id: UserId,
    /// Login name; case does not matter.
    pub login: String,
    /// Password.
    pub password: SecretString,
    /// Staff code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Territories of a rep.
    pub territories: Vec<TerritoryId>,
    /// Dealers the person acts for.
    pub dealers: Vec<DealerId>,
    /// The region a supervisor watches.
    pub region_code: Option<String>,
}

/// Puts rows, all or none; a row that is already there as given does not move.
///
/// # Errors
/// When the store fails or a row cannot be kept.
pub async fn load_rows(state: &AppState, rows: Vec<Row>) -> Result<(), StoreError> {
    state
        .store
        .write(move |txn| {
            let mut moves = Moves::default();
            for row in &rows {
                moves.put(txn, row)?;
            }
            moves.publish(txn)
        })
        .await
}

/// Loads the handbook and the standard visit as far as they are not there yet; an organisation's own wording stays.
///
/// # Errors
/// When the store fails.
pub async fn load_handbook(state: &AppState) -> Result<(), StoreError> {
    let entries = storewalk_domain::handbook::entries().into_iter().map(Row::from);
    let rows: Vec<Row> = entries.chain([storewalk_domain::handbook::standard_visit().into()]).collect();
    state
        .store
        .write(move |txn| {
            let mut moves = Moves::default();
            for row in &rows {
                if txn.load(row.table(), row.id())?.is_none() {
                    moves.put(txn, row)?;
                }
            }
            moves.publish(txn)
        })
        .await
}

/// Revokes a device: its sessions end and it cannot sign in again. What it has not sent stays on it.
///
/// # Errors
/// When there is no such device, or the store fails.
pub async fn revoke_device(state: &AppState, device: DeviceId) -> Result<(), ApiError> {
    let now = state.now();
    state
        .store
        .write(move |txn| {
            let known = txn.device(device)?.ok_or(ErrorCode::NotFound)?;
            txn.put_device(&Device { is_revoked: true, ..known })?;
            txn.revoke_device_sessions(device, now)?;
            Ok(())
        })
        .await
}

/// Adds a person who can sign in, or changes one with the same id.
///
/// # Errors
/// When the login name is empty, too long or another person's, the password is too short, or the store fails.
pub async fn create_account(state: &AppState, new: NewAccount) -> Result<(), ApiError> {
    let login = new.login.trim().to_lowercase();
    if login.is_empty() || login.chars().count() > 64 {
        return Err(ApiError::new(ErrorCode::RequestMalformed).at("login"));
    }
    let password_hash = state.auth.hash_password(new.password).await?;
    let now = state.now();
    let person = Person { id: new.user_id, code: new.code.clone(), name: new.name.clone(), role: new.role };
    let account = Account {
        user_id: new.user_id,
        login,
        password_hash,
        code: new.code,
        name: new.name,
        role: new.role,
        region_code: new.region_code,
        is_disabled: false,
        territories: new.territories,
        dealers: new.dealers,
    };
    state
        .store
        .write(move |txn| {
            let holder = txn.account_by_login(&account.login)?;
            if holder.is_some_and(|holder| holder.user_id != account.user_id) {
                return Err(ApiError::new(ErrorCode::Refused).at("login").detail("the login name is taken"));
            }
            txn.put_account(&account)?;
            let mut moves = Moves::default();
            moves.put(txn, &person.into())?;
            follow_account(txn, &mut moves, &account, now)?;
            moves.publish(txn)?;
            Ok(())
        })
        .await
}
