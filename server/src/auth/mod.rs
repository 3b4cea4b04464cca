//! Who asks: passwords, tokens, devices, console sessions.
//!
//! **Invariants.** Tokens and passwords are kept only as hashes and never logged. Every request is checked against the
//! database, so that revoking works at once. A session ends when its refresh token is presented twice by two parties.
//! Ending a session never touches what the phone has not yet sent.

mod address;
pub mod console;
mod copy;
mod extract;
mod keys;
mod limit;
mod password;
mod refresh;
mod sign_in;
mod token;

use std::{net::IpAddr, sync::Arc};

use secrecy::SecretString;
use storewalk_domain::time::Clock;
use storewalk_wire::ErrorCode;

pub use address::ClientAddress;
pub use copy::enrol_copy;
pub use extract::DeviceAuth;
pub use refresh::refresh;
pub(crate) use sign_in::short;
pub use sign_in::{sign_in, sign_out};
pub(crate) use token::hex;

use crate::{
    config::AuthSection,
    error::{ApiError, StartError},
    state::AppState,
    store::Account,
};
use limit::SignInLimits;
use password::Passwords;

/// Password hashing and rate limits, shared by all requests.
pub struct AuthState {
    passwords: Passwords,
    limits: SignInLimits,
}

impl AuthState {
    /// From the settings.
    ///
    /// # Errors
    /// When the hashing parameters are impossible.
    pub fn new(settings: &AuthSection, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        Ok(Self { passwords: Passwords::new(settings)?, limits: SignInLimits::new(settings, clock) })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// When it is shorter than eight characters or longer than 256 bytes.
    pub async fn hash_password(&self, password: SecretString) -> Result<String, ApiError> {
        self.passwords.hash(password).await
    }

    /// The person of a login name and a password. A wrong name, a wrong password and a barred account look the same.
    async fn identify(
        &self,
        state: &AppState,
        address: IpAddr,
        login: &str,
        password: SecretString,
    ) -> Result<Account, ApiError> {
        let login = login.trim().to_lowercase();
        self.limits.attempt(&login, address)?;
        let account =
            state.store.read(move |snapshot| snapshot.account_by_login(&login)).await.map_err(ApiError::from)?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let is_right = self.passwords.verify(password, hash).await?;
        match account {
            Some(account) if is_right && !account.is_disabled => Ok(account),
            _ => Err(ErrorCode::SignInFailed.into()),
        }
    }
}
